"""What a person may ask for: the own records in files, and erasure."""
