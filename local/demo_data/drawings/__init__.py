"""Pictures of what the demo tenants offer, composed by hand and written as small SVG files.

Start reading at `canvas.py`; `scenery.py` holds what several tenants share, then one file of scenes per tenant.
"""
