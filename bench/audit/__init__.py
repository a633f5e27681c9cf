"""What the record costs with its Merkle tree, and whether it survives being killed."""
