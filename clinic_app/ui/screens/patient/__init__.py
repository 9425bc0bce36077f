"""Everything about one person on one page."""
