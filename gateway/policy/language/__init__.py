"""The policy file's language: what may stand in it, part by part, as frozen pydantic models."""
