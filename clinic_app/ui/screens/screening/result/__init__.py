"""Sixth step: questionnaires first, own judgement, and then, visibly lesser, the estimate."""
