"""The accounts of the staff, for administrators."""
