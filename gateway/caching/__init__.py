"""Answers that were given before, kept redacted and sealed."""
