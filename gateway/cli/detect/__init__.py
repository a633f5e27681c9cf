"""`gateway detect`: what the gateway finds in a text, why, and how well it finds what is labelled.

The libraries behind it take seconds to load, so they are imported when a command needs them and not by these modules."""
