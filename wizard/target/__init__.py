"""Which server, and how to reach it. Reads option files and the environment; connects to nothing.

    arguments = target_arguments(args)     flags.py         the command line
    parts     = parse_url(text)            url.py           mysql://user@host:port/db
    given     = gather(arguments, ...)     inputs.py        with option_files.py, login_path.py
    target    = resolve_target(arguments)  resolve.py       -> model.Target
    place     = ssh_place(text)            ssh_place.py     [USER@]HOST[:PORT]

Ports, sockets and paths of a server of which nothing is said are in defaults.py.
"""
