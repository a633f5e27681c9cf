"""Finds personal data: readings of a text, a gate, exact patterns, small taggers, and one answer from all that they say."""
