"""Programs that make what is delivered; no part of what is installed."""
