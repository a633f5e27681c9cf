"""The audit log: one record for each exchange, durable before the upstream is called and completed after."""
