"""One investigation from the command line to its end.

servers    = local_servers(...)      local_servers.py   what runs on this machine
beginning  = begin_with(arguments)   begin.py           with SSH: begin_ssh.py
sources    = named_log(path)         named_log.py       a log whose kind nobody told
engine     = beginning.begin()       run.py             Investigation: steps, probes, events
diagnosis  = engine.run()
"""
