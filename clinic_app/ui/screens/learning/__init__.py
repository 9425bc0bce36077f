"""For doctors: pictures to read blind, and whether what the models see has drifted."""
