"""From a file to a valid policy, or to everything that is wrong with it, with line, column and fix."""
