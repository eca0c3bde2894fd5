"""A connection to another machine over SSH.

settings  = ...    config.py        ~/.ssh/config, as ssh(1) reads it
transport = ...    transport.py     over a socket, a ProxyCommand or another connection
verify(key)        host_key.py      known_hosts.py, host_certificate.py
login              auth.py          keys, certificates, agent, password
link      = ...    link.py          one connection, made again when it was lost
output    = run_command(...)        command.py
"""
