"""error."""
