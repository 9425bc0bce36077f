"""How long things stay: settings, a dry run, and removing what is due."""
