"""An hour of random faults, kills, keys and cuts; what has to hold at its end."""
