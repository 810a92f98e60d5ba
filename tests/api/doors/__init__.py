"""Whatever is sent to a door, answering costs little."""
