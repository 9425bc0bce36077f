"""The door for outside pictures: everything behind it sees upright RGB uint8 pixels."""
