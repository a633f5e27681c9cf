"""A privacy gateway: an OpenAI-compatible proxy in front of a company's own models."""

__version__ = "0.1.0"
