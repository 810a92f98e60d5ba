"""Reservations: made, changed, confirmed, ended; alone and in series."""
