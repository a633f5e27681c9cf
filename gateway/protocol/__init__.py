"""The wire: OpenAI's shapes, where text sits in them, and server-sent events. Pure: no I/O, no state beyond a parser's."""
