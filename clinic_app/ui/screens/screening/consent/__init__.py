"""First step: what the patient agrees to, purpose by purpose."""
