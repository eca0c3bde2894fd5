"""One module a command; each registers its own flags."""
