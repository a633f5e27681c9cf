"""`gateway fhe`: the endpoint that computes under homomorphic encryption."""
