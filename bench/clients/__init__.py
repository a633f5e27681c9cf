"""Clients that people use, as they come from their registries, before a gateway that redacts. `make proof-clients`."""
