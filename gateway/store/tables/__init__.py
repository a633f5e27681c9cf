"""Every table, by the room that it belongs to. Moments are ISO 8601 in UTC, to the millisecond, as text that sorts."""
