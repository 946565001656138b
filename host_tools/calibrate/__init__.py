"""Calibration with the wearer: how the clip sits, which side is left, a glute's MVIC."""
