"""The coverage page, generated: what is found, how it is checked, how much of it. See `__main__`."""
