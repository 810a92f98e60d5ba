"""The WebSocket API: connections, topics, messages."""
