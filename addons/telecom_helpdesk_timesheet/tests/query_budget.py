# What time adds to the core's work. See `count_queries` there.
QUERIES = {
    "form": 7,
    "resolve and reopen": 1,  # looks for running timers
}
