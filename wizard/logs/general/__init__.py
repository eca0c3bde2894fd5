"""The server's general query log: what each connection said, and how it ended."""
