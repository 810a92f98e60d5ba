"""The schema, one step per file. `migrate` applies them; an applied file never changes."""
