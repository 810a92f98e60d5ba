"""Events on their way to those who want to know: an outbox, and a file for each channel."""
