"""Is it cheaper to host models oneself? What deployments cost by the hour, set against what public APIs charge by the token."""
