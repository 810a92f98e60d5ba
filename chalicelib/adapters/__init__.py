"""One outside system or library each, behind a small surface of ours."""
