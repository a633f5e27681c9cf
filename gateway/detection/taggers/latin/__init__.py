"""What is particular to words in Latin, Greek or Cyrillic letters: their reader, and rules beside the network."""
