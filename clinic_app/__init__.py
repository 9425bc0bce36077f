"""Clinic App: an offline, encrypted record of screenings for visible depressive affect."""

import os

__version__ = "0.1.0"

# ONNX Runtime reports each session to its maker and keeps an identifier of the computer in the
# user's cache folder, unless this stands before its first import. Nothing here may say otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
