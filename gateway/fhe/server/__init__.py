"""The untrusted side: weights and ciphertexts. It has no key, and imports nothing that could make one."""
