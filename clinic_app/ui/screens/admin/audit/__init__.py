"""Looking through the audit trail, checking its chain, handing an extract out."""
