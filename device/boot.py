"""Hold the button at power-on for safe mode: main.py then leaves the application out."""

import board

safe_mode = not board.button.value()
