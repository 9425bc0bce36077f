"""The reference look: blend, measure, adopt, take back. For administrators."""
