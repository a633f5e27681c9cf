"""Between a sidecar that holds the key and the server that multiplies: frames pass, and nothing here can read them."""
