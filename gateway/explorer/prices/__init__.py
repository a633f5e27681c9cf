"""What the same tokens would cost at public APIs: a small list with dates and sources, which anybody may replace."""
