"""Text of any script: cleaned, ordered, shaped and broken into lines."""
