"""The database: one schema, in SQLite or Postgres. Rooms keep their tables here and their statements at home."""
