"""The shipped models and what the program is and is not."""
