# What mail adds to the core's work. See `count_queries` there.
QUERIES = {
    "reply": 5,
    "note": 1,
}
