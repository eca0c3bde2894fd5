"""Evidence that follows only from several steps: outages, ended sessions, told timeouts. Pure.

derived, judged = derive(case)    derive.py    runs the others
"""
