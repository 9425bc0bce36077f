"""Rounds of learning among several clinics: signed, sealed messages in a database of their own."""
