"""The HTTP face: OpenAI's surfaces, models and health. Turns ASGI into exchanges and replies into responses."""
