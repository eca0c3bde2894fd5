"""The packet ladder: the largest statement and the largest answer that pass."""
