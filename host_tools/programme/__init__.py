"""A runner who learns from cues, and whole retraining programmes of weeks with one, on the twin."""
