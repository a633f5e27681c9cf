"""What the semantic cache takes for the same question, on written pairs."""
