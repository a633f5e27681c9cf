"""`gateway cost`: what was used, what it cost, and whether hosting models oneself is the cheaper way."""
