"""OpenTelemetry traces: the names of the attributes, the spans, and how they are exported. Off by default."""
