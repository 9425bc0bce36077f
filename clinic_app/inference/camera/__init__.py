"""Webcams: which there are, opening them within a time limit, and the live preview."""
