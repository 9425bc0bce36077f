"""Stand-ins for the ports of `clinic_app.services`, for tests without disk, models or camera."""
