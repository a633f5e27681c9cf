"""What officers must be able to do and to prove: erasure, retention, break-glass, documents of evidence, fairness."""
