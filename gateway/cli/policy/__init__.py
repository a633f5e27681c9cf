"""`gateway policy`: check policy files before they are used, ask them, test them, and print the schemas that editors use."""
