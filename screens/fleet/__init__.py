"""Many hosts in one table: app.py shows it, run.py opens a host's case and comes back."""
