"""Snapshots: the folded log as one signed file, from which a new workstation begins."""
