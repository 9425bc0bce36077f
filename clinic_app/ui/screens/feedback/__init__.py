"""What people say about the service: figures without small numbers, incidents, a form for staff."""
