"""A stand-in province: servers that speak the sources' formats, over records rebuilt from five printed reports."""
