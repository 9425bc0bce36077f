"""From the raw data files to the three shipped networks. The only package that uses torch."""
