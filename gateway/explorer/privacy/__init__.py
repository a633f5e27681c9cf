"""Budgets of differential privacy and what was released under them, for roles that may not see rows."""
