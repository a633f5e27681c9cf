"""Answers from the company's own documents: what is looked for, how it is laid before a model, and how it is cited."""
