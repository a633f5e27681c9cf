"""What is allowed to whom and what must then be done: the policy file, read, compiled and decided upon."""
