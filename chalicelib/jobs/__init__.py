"""What all scheduled functions have in common: one bad row is one bad row, a budget, records of runs."""
