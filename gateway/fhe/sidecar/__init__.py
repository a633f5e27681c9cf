"""At the tenant: the way to the server leads through a gateway, which passes frames on and cannot read them."""
