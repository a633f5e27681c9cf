"""The backends of `gateway demo`, each run as a process of its own."""
