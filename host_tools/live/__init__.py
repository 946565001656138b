"""What a clip measures and does at this moment."""
