"""`./dev replay`: plays the real bookings of one hotel against the running API, in the order in which they happened.

`bookings` reads the file, `timeline` puts its events in order, `settings` says what the hotel has to offer, `oracle`
says by plain counting what must happen; `simulation` starts a Berth whose clock can be moved, `hotel` makes the tenant,
`client` speaks HTTP, `player` plays, `report` compares, `command` is the whole of it. In life mode `jobs` runs the
scheduled functions as time passes, and `endings` compares how every row ended with the file.
"""
