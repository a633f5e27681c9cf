"""An endpoint that computes under homomorphic encryption: its server multiplies by weights what it cannot read.

`model` reads a Llama-architecture GGUF, `parameters` and `plan` fix the encryption, `wire` is what both sides say, `client`
holds keys, `server` holds weights. Neither side imports the other.
"""
