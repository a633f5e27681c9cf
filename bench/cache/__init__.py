"""What an answer from the cache costs."""
