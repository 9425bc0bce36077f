"""Finding the one face in a picture: YuNet, its decoding, and which scales to look at."""
