"""Onto the clip: MicroPython's image and this firmware."""
