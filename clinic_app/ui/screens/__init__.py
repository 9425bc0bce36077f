"""One folder a screen: ``view`` (widgets), ``presenter`` (plain Python), ``rows`` (tables)."""
