"""What is read about all of it: calendar, statistics, audit log, seals."""
