"""What pages show, worked out from the record. Pure."""
