"""Setting up a clinic, page by page, up to the recovery key."""
