"""Learning with other clinics: the group, its rounds, and what this clinic agrees to send."""
