"""A data set for training out of what was kept of traffic: consented, redacted, and bounded for each person."""
