"""Use cases: one file, one verb, one transaction. They read facts, ask the domain, and write what it decided."""
