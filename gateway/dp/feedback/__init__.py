"""What callers say of the answers they got: the part of a data set that no model can write."""
