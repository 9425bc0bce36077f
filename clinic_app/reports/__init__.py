"""Reports: frozen data in, PDF bytes out. Nothing is written to disk here."""
