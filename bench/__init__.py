"""Every figure we claim, one command each, with the peer beside it."""
