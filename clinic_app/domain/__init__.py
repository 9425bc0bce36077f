"""Records, value types and rules of the clinic. Standard library only."""
