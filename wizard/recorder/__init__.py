"""The recorder: what the server looks like each second, and which session was lost to what.

    sample  = take_sample(session)                sampler.py     one statement a second
    lines   = tail.new_lines()                    log_tail.py    the error log's new lines
    events  = attributor.step(sample, lines, ...) attributor.py  pure: who was lost, and why
    event   = diagnosed_outage(...)               outage.py      a server that went, and came back
    for event in watch(...): ...                  watch.py       the loop, with its reconnects
    recording.add(event)                          recording.py   bounded files, crash-safe
    write_metrics(path, totals)                   metrics.py     for node_exporter's textfiles

A session that ends with COM_QUIT is no event.
"""
