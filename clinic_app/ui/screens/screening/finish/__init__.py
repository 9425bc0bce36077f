"""Last step: what is still open, what will be kept, and saving."""
