"""The part of the bench that is frozen into the emulated MCU."""
