"""The trusted side: keys, embeddings, norms, attention, sampling. It sends ciphertexts, and imports nothing of the server."""
