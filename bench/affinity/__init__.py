"""What it is worth that the turns of a chat go where its beginning is warm."""
