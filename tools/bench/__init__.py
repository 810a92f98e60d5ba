"""Figures, as ratios within one run: `./dev bench`. Nothing here is a test; nothing else knows of it."""
