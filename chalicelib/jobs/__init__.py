"""Scheduled functions and the queue's consumer: each a line in app.py, each a use case of `services` with a budget."""
