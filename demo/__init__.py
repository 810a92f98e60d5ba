"""The eight demo tenants: what they say and offer (`tenants/`), their images (`images/`), and the seed.

`seed.py` writes content, `occupancy.py` makes reservations through the same use cases as the API.
To change a tenant, edit its module in `tenants/` and start `./dev demo` again.
"""
