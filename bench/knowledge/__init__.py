"""How well the knowledge base finds what was asked for, in English and in Chinese, and how its search grows."""
