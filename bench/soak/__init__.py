"""A long run of mixed calls over backends that fail by turns and workers that are killed: `make proof-soak`."""
