"""Guests as the tenant keeps them."""
