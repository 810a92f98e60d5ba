"""What runs in Lambda. Start reading in `core`."""
