"""What client and server say to each other: frames of bytes, and coefficients packed into bits."""
