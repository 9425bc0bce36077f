"""The laptop in a patient's hands: the own consent, questionnaires, results, requests, feedback."""
