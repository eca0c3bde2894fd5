"""Logs: find, seek to the window, scan."""
