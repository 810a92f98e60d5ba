"""The embedded gateway: HTTP and WebSockets on one machine, as the events that API Gateway would send to the functions.

Start reading at `serve.py` (processes), then `asgi.py` (one request), `events.py` (what the functions get to see). For
WebSockets: `websocket.py` (one connection), `connections.py` (those of a worker), `socket_events.py` (what the
functions get to see), `management.py` and `peers.py` (how anybody reaches a connection).
"""
