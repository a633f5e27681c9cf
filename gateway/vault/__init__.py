"""Placeholders that stay the same over turns, processes and machines, where policy asks for more than one exchange."""
