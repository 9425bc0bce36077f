"""The page about the centre: how sync stands, joining, and what went wrong."""
