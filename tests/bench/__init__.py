"""`make bench`: how fast the program is, as ratios measured in one run."""
