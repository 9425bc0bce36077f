"""The screening report, one module per section."""
