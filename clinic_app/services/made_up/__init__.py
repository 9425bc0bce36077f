"""A clinic of three hundred made-up people over two years, made through the services alone."""
