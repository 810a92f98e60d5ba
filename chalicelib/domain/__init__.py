"""The reservation business itself: pure functions over facts. No I/O, no clock, no SQL; stdlib only.

Start with `time_ranges` and `resources`, then `policies`, `availability` and `units`: these decide what may be
reserved. `reservations` holds the one transition table, `pricing` what it costs, `errors` every refusal.
"""
