"""What the explorer searches: derived from the log, entry by entry, and made anew from it at any time."""
