"""`gateway deployments`: whether the backends are what policy says they are."""
