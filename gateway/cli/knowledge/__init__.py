"""`gateway knowledge`: add documents, list and remove them, and search them as a caller with certain rights would."""
