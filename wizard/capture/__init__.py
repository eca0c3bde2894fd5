"""The general and the slow log, switched on for a bounded time and surely put back.

`logging_state` reads how the server logs now, `plan` says what will be set and how it goes back,
`journal` writes that down before anything is set, `guard_process` sets it and puts it back from
outside this program (`guard` is our end of it), `recording` waits and watches the bounds, and
`leftovers` puts back what a capture could not, should all else have been killed.
"""
