"""Edit locks: an administrator's temporary claim on a resource and a range."""
