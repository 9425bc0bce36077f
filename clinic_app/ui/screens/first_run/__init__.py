"""The first choice: set up this clinic, or look at a made-up one."""
