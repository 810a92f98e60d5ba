"""The embedded gateway: HTTP on one machine, turned into the events that API Gateway would send to the same functions.

Start reading at `serve.py` (processes), then `asgi.py` (one request), `events.py` (what the functions get to see).
"""
