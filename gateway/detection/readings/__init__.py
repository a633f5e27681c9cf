"""Ways to read a text in which a value may be disguised, each with the way back to the original's offsets."""
