"""The settings of the clinic, for administrators."""
