"""Training: memory, schedules, step time, layout search, failures, power."""
