"""The simple probe: minimal statements at growing concurrency, to see if connections hold."""
