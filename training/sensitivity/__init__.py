"""The starter classifier of sensitivity: texts made of templates, its training, and what it is worth on texts written apart."""
