"""The log folded into plain tables at the centre, for reports by SQL."""
