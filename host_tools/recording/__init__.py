"""Recording folders: what sensors measured, with or without known truth, for the twin and for scoring."""
