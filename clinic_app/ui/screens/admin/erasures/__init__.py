"""Requests for erasure and how they were decided."""
