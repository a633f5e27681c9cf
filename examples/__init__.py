"""Small programs that use the gateway's rooms."""
