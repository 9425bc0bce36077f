"""Records that may be of one person: found, compared, merged and undone."""
