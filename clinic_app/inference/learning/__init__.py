"""A local ordinal head on the stored embeddings: fitting, judging, sharing sums, watching drift."""
