"""The groups of `cchc`, one module each; `screen` is what they share."""
