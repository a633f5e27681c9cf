"""What an exchange took where its backend does not say: tokens, counted with the model's own tokenizer."""
