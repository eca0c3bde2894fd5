"""The database server: a PyMySQL session and what is read through it."""
