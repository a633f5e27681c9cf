"""`gateway break-glass`: see originals, with the leave of a second privacy officer. Whoever runs it shows a person's key."""
