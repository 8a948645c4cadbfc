"""The gate: what must be true of a month before it is published, the verdict on it, and the alert when it is not."""

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when Great Expectations is imported
