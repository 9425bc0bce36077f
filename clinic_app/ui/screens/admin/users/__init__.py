"""Accounts: who works here, with which role, and since when no more."""
