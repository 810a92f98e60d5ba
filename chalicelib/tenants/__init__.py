"""Businesses: what they tell the public about themselves, and how they work."""
