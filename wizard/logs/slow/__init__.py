"""The server's slow query log: statements with their times, grouped by shape."""
