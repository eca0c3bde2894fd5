"""The server's error log: found, read within the window, turned into evidence.

found    = find(target, ...)        find.py        where it is: places, container, usual_files
reading  = read_file(...)           read_log.py    journals, containers, SQL: streams.py
line     = parse_line(raw)          line.py        MariaDB's and MySQL's forms
lives    = lifecycle(marks)         lifecycle.py   starts, shutdowns, crashes, from marks.py
evidence = session_evidence(...)    session_evidence.py
         + life_evidence(...)       life_evidence.py
told     = verbosity(server, ...)   verbosity.py   whether the log can tell at all
"""
