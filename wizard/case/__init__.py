"""The plain data of one investigation, and the file that keeps it. No I/O but in case_file.

    window = parse_window(since, until, now)   window.py
    case   = Case(created, window, target)     case.py       grows by case.with_step(result)
    result = StepResult(id, status, ...)       evidence.py   with Evidence, Failure, Table, Samples
    value  = case.fact(facts.STARTED_AT)       facts.py      what one step leaves for others
    save(case, path); case = load(path)        case_file.py  by way of json_codec.py

how_far.py tells how far a change of the server came.
moments.py reads times that may come from anywhere.
own_traces.py remembers what the wizard's own probes left in the server's log and counters.
"""
