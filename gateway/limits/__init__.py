"""How much there may be: requests, tokens, spend in a time, and exchanges open at once. In memory, or shared on Redis."""
