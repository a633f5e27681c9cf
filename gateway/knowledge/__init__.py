"""A company's own documents: read, pseudonymised, sealed, and searched within the rights of whoever asks."""
