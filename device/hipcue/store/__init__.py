"""The append-only log on flash."""
