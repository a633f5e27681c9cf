"""What differential privacy protects in training, and what it costs. These need the environment `.venv-dp`."""
