"""One person's records as FHIR R4B (4.3.0): plain dictionaries, ready for JSON."""
