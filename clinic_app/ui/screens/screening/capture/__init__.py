"""Second step: a picture, taken as calmly as in a meeting lobby, or opened from a file."""
