"""Published months: immutable revisions sealed by manifests, and the file that analysts open."""
