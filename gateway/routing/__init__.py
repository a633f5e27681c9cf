"""Which deployment answers, of those that policy lets through, and what is done when one does not."""
