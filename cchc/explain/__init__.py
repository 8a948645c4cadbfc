"""Why a published figure is what it is: its definition, the rows it is made of, and what keeps a share below one.

Everything is read from `published/warehouse.duckdb`, so it is what analysts see; nothing here looks into a build file.
"""
