"""`gateway fhe client`: the OpenAI API on the caller's own machine, with the key in its hands."""
