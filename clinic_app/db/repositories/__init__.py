"""Repositories: domain records in and out of one transaction; they hold no rules of the clinic."""
