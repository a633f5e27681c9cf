"""Detection and decisions as systems with error rates: whose names are missed, and who is refused how often."""
