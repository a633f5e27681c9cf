"""Differential privacy: what is published about people is noisy, and what that costs is counted.

A budget is declared once for a tenant's data set, with the unit that it protects. Whatever is published reserves its cost
first, is computed, and is settled. Noise and accounting are OpenDP's (docs/adr/0043).
"""
