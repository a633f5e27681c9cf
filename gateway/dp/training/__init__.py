"""Fine-tuning under differential privacy: DP-SGD on low-rank adapters, with people as the unit (docs/adr/0046).

`plan` and `model_card` are pure. All else takes PyTorch, and is imported only where somebody trains.
"""
