# What the core alone spends. See `count_queries`.
QUERIES = {
    "list": 17,
    "board": 14,
    "form": 23,
    "counters of a customer": 5,
    "dashboard": 20,
    "create": 22,
    "change of stage": 14,
    "resolve and reopen": 15,
    "reply": 35,
    "note": 15,
}
