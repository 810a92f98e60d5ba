"""SQL, and typed functions over it."""
