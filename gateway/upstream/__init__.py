"""The way out: adapters that send a redacted request to a model's backend and read its answer as it comes."""
