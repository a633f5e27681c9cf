"""What a decision costs, and whether it stays so as a policy grows."""
