"""Backends that come with the gateway, for trying it out; each runs as a process of its own and imports none of our rooms."""
