"""The simple probe: minimal statements at growing concurrency, to see whether connections hold."""
