"""Everything that speaks SQL.

`transaction` holds the only BEGIN; the statements of `sql/<stem>.sql` have their typed functions in `<stem>`.
"""
