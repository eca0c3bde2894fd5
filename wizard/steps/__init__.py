"""The documented troubleshooting steps; each yields evidence and knows nothing of screens.

    names.py    what each step and probe is called; imports nothing
    step.py     Step, and the Context that it works with
    order.py    STEPS, in the order in which they run
    limits.py   how far a probe may go

One module a step: symptom, connection, health, error_log, counters, settings; what begins with
a step's name helps that step.
"""
