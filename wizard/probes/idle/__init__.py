"""idle."""
