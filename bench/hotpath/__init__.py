"""What the gateway does on the way of one request, and what each part of it costs."""
