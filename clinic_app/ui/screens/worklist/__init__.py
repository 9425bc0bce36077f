"""Who comes next, by facts, with the reason on each row."""
