"""Styles in one pass: on a still, and live on the camera."""
