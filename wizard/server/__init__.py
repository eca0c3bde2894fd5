"""The database server, asked over a session.

    greeting  = peek_greeting(socket)      greeting.py      who answers, before any login
    session   = connector.connect()        pymysql_session.py; the protocol is session.py
    refusal   = ...                        refusals.py      why a login failed, and what it shows
    settings  = read_settings(session)     variables.py     values of server variables
    status    = read_status(session)       status.py        counters
    allowed   = ...                        privileges.py    what this account may see

connection_end.py names the ways in which a connection ends; ssh_forward.py leads a session
through an SSH connection.
"""
