"""What several probes share.

ways(context)              way.py            from here, and from the application's host
look_around(way)           session_room.py   how many sessions may be opened
start_on, watch_until_ended, leave           watched_run.py
QuietSocket                quiet_socket.py   a session at rest, watched without a word
Outcome, Cut, cut_of       outcomes.py       how they ended, and where they die
leave_traces, errors_left  own_errors.py     what the probe itself will have caused
"""
