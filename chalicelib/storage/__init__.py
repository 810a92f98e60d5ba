"""Everything that speaks SQL. `transaction` holds the only BEGIN; each `sql/<stem>.sql` has its typed functions in `<stem>`."""
