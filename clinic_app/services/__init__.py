"""Use cases of the clinic and the Protocols they need; no Qt, no SQL, no model runtime."""
