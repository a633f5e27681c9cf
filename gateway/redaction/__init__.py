"""Takes findings out of requests by policy's operators, and puts them back into answers."""
