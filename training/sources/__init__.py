"""Texts of others that the taggers learn from: what is downloaded, under which licence, and how it is read."""
