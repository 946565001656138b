"""What the clip and the host share: channels, configuration, log records."""
