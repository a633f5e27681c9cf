"""Backends that do not speak OpenAI's protocol, in litellm's words over our own connections."""
