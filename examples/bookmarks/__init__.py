"""Finds a site among a browser's bookmarks, by a question in words."""
