"""Seek, scan, tally: how every log is read, whatever its kind.

A kind of log (error, general, slow, application) brings its clock and what its lines mean; the
engine brings the file. To read a window of a log of any kind:

    log = open_log(host, path, clock)          # plain or compressed; raises HostError
    begin = log.seek(window.since, checkpoint)      # a line's first byte, by binary search
    end = log.seek(window.until, checkpoint)
    for block in log.blocks(begin, end, log.line_number(begin)):
        checkpoint()                            # may raise, to stop
        for line in block.data.split(b"\\n"): ...

`stamps.general_clock(zone)` and `stamps.slow_clock(zone)` tell the time of those logs' lines, and
`error.line.error_clock(zone)` of the error log's: a clock takes a line and tells its time, or
None for a line without one. `log.previous(begin, texts)` is the newest line before the window
that holds one of `texts`. `rotated.rotated_files(host, path, window)` are the older files.

A block (`block.Block`) holds whole lines, about 256 KiB of them, so that cancelling and progress
cost nothing and come soon; `block.offset` and `block.line` say where its first line stands. Of a
line longer than 1 MiB only the beginning is there, as a block of its own; `block.size` counts all
of it. `progress.watched(blocks, Progress(end - begin), say)` tells how far a long reading is; a
second time through a file is another `Progress` with `what` it is for.
"""
