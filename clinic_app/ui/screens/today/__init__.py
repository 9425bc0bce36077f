"""What waits: safety steps first, then screenings to finish."""
