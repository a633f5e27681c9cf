"""How sensitive a request is by what it is about: health, legal, HR or a trade secret, whether or not it names anybody.

A linear model over hashed words and characters, in plain NumPy. It is asked only where a rule of the policy asks for it, and it
can say which words moved it (docs/adr/0047).
"""
