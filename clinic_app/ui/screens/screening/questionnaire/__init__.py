"""Third and fourth step: PHQ-9 and GAD-7, read aloud or in the patient's own hands."""
