"""Handing work over to a colleague, and confirming having received it."""
