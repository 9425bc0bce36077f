"""Clinic App: an offline, encrypted record of screenings for visible depressive affect."""

__version__ = "0.1.0"
