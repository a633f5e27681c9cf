"""`gateway keys`: issue, list, rotate, expire and revoke keys. A running gateway takes notice within a second."""
