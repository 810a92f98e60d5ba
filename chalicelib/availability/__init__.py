"""What can be had: admission, and the listings that decide by the same functions."""
