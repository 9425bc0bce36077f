"""The clinic's own settings, each group on a page of its own."""
