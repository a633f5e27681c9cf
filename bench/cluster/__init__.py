"""Several gateways over one Redis and one Postgres, as processes of this machine."""
