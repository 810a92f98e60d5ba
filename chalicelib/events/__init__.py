"""What happened: every change appends an event in its own transaction."""
