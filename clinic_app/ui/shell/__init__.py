"""The window around the screens: navigation, header, notices, lock, patient mode, keys."""
