"""From pixels to a finding: intake, face, landmarks, quality, light, reading.

Importing this package is cheap; NumPy, OpenCV and ONNX Runtime load with the first use.
"""
