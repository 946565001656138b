"""What is well with a clip and what is not."""
