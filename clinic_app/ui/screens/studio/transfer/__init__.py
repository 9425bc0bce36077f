"""Optimised transfer: settings, a live preview, losses, and what came out."""
