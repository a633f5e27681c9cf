"""Finding personal data, replacing it on the way out, and putting it back on the way home."""
