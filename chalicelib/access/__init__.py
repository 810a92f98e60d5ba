"""Who calls, what that allows, and how often: the same for HTTP and WebSocket."""
