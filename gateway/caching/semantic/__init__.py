"""Answers to questions that say the same in other words: found by their wording, and confirmed by their vectors."""
