"""The database: the only BEGIN, statements that travel together, the schema and its migrations."""
