"""Envelope encryption: data keys under a tenant's key, tenants' keys under a master key. To destroy a key is to erase."""
