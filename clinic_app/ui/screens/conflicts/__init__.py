"""What two workstations wrote differently: side by side, until a person settles it."""
