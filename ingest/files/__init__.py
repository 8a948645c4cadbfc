"""Files that people and portals drop into a folder: found by name, read as columns. Knows no mapping and no batch."""
