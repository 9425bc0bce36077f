"""Registering a patient, with a warning about people who look alike on paper."""
