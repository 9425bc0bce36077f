"""One file a migration; frozen once released."""
