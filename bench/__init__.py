"""Figures, as ratios within one run: `./dev bench`. Nothing here is a test; nothing in chalicelib knows of it."""
