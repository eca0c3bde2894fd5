"""The engine: target -> steps -> evidence -> case -> diagnosis -> remedies -> report."""

__version__ = "0.1.0"
