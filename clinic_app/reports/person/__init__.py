"""Reports about one person over time: history, summary, referral letter, the patient's own."""
