"""The application's log: records of several lines, their times, and the errors in them. Pure but
for reading the file.

    scan   = scan_application_log(path)   read.py           bounded, packed files too
    lines  = ...                          skim.py           those of a large log that can matter:
                                          skeleton.py, triggers.py, line_heads.py
    record = ...                          records.py        which lines are one message:
                                          going_on.py, record_errors.py, record.py
    event  = ...                          events.py         which messages tell of one event:
                                          one_event.py, telling.py
    time   = ...                          stamps.py         when
    error  = ...                          client_error.py   what: client_numbers.py,
                                          client_drivers.py, client_hints.py
    gaps   = ...                          gaps.py           what repeats, and how often
"""
