"""What the service tells of itself to those who operate it."""
