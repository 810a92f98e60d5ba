"""What a release needs besides code: the schema of a stack's database, and secrets that rotate."""
