"""The calendar of appointments, requests, the wait list and clinicians' hours."""
