"""`gateway cache`: cached answers."""
