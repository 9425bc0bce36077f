"""A doctor's review of a finished screening: own severity first, then the estimate."""
