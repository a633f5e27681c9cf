"""A Llama-architecture model: read from GGUF, run in clear, and cut into what the server needs and what the client needs."""
