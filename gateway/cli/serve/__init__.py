"""`gateway serve`: run the gateway."""
