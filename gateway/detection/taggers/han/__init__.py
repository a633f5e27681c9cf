"""What is particular to Chinese characters: their reader, and rules beside the network."""
