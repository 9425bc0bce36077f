"""Windows, screens and widgets: the only place with PySide6 besides the composition root."""
