"""Sync with a central database: wire form of operations, rounds, and the centre's own upkeep."""
