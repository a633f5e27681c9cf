"""The explorer's pages: each reads what it shows, enters the look in the record, and renders."""
