"""Detection for many tenants at once: what was read before, in which parts, in whose turn, on which thread."""
