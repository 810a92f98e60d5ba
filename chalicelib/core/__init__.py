"""Words and arithmetic that everything else is said in: times, units, refusals. Pure: no I/O, no clock, no SQL."""
