"""The eight demo tenants: what they say and offer (`tenants/`), their pictures (`drawings/`), and the seed.

`seed.py` writes it, `draw.py` draws.
To change a tenant, edit its module in `tenants/` and start `./dev demo` again.
"""
