"""What an answer under encryption costs, and how near it is to the model in its file."""
