"""Plain data into lines and tables of text. Pure functions."""
