"""`gateway routing`: how deployments did, out of the record."""
