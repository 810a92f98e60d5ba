"""What is read of a tenant as a whole: calendar, statistics, audit log, seals."""
