"""Blocks that know their height and can be cut at a page's end, and the pages they fill."""
