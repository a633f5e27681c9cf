"""`gateway subject`: what is kept about a person: find it, give it out, erase it. Each is an act on the record."""
