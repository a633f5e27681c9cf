"""`gateway demo`: the whole thing on one machine."""
