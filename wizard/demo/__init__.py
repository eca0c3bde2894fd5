"""A real fault on a private server that the program starts, and removes, itself."""
