"""Real things that tests start: a central server with its own certificates, a bad network."""
