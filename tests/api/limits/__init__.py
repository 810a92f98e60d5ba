"""Whatever is sent to a route, answering costs little."""
