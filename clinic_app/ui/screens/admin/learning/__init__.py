"""Local heads: what there is to learn from, fitting, comparing, promoting and rolling back."""
