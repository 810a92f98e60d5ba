"""The WebSocket API: a function per route, which are declared in app.py. The protocol stands in `messages.py`."""
