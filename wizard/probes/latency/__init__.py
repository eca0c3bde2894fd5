"""Latency and loss: logins, round trips, echoes and name look-ups, timed."""
