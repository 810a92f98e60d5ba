"""The embedded runtime: one machine, one command, no docker. Never deployed; chalicelib knows nothing of it.

`__main__` lists the commands. `demo` starts everything: `data_directory` (what is kept), `postgres` (the server),
the migrations of chalicelib, `demo_data` (the tenants) and `gateway` (HTTP in front of the Lambda handlers).
"""
