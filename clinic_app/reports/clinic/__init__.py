"""Reports about the clinic: the worklist, an extract of the audit trail, feedback."""
