"""The clip's parts as their registers and pins show them; inputs are in SI units."""
