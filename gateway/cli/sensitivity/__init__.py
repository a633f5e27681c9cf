"""`gateway sensitivity`: what a text is judged to be about and why, and classifiers that learn from labelled examples."""
