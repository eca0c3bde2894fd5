"""The documented troubleshooting steps; each yields evidence and knows nothing of screens."""
