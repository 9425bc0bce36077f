"""Backups and the restore drill."""
