"""How far our count of tokens is from what a backend reports: llama.cpp with SmolLM2."""
