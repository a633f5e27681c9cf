"""`gateway master-key`: the key at the top, under which tenants' keys are wrapped."""
