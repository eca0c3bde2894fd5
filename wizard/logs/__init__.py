"""Logs, each kind in a folder, all read by one engine.

kind.py        which kind a file is
engine/        seek to the window, scan, tally
error/         the server's own log: find it, its lines, its lives, its evidence
application/   what the clients said: records, times, errors
"""
