"""What several gateways share through Redis: the way to it, how it is, and what they tell each other."""
