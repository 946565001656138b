"""Talking to a clip: which port, its raw REPL, its settings, its wearer."""
