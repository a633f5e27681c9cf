"""How much personal data is found in labelled text, what is covered beside it, and what that costs. See `__main__`."""
