"""`gateway assurance`: documents for officers and auditors, drawn from policy and from the record."""
