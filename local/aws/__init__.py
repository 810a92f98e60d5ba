"""The AWS services that the functions use, as far as they use them, on this machine."""
