"""`gateway dp`: budgets of differential privacy, and statistics that stay within them."""
