"""Settings, the reporting period, and the close of a month: land, build, audit, publish."""

__version__ = "0.1.0"
