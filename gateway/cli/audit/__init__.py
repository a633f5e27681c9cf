"""`gateway audit`: read the record, and prove it."""
