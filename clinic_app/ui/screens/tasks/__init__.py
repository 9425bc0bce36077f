"""Tasks: what there is to do, by whom and by when."""
