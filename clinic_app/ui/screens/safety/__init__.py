"""The clinician's side of the safety flow."""
