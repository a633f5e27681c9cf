"""Files that programs upload, and the vector stores that they put them into."""
