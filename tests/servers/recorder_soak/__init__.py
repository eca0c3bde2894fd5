"""Rounds of faults under the eyes of a recorder, beside 200 sessions that come and go by Quit.

crowd.py is those sessions, told.py the recorder's process, score.py what it told rightly.
losses.py stages what one session is lost to, outages.py what takes the whole server away,
network.py a client whose packets stop, failover.py another server that answers, kills.py kills
the recorder.
`python -m tests.servers.soak_recorder` runs them.
"""
