"""Finding a patient while typing."""
