"""What finds personal data: Presidio recognizers, a pattern pack with checksums, and one tagger per script."""
