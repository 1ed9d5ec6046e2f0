# What promises add to the core's work where none is made. See `count_queries` there.
QUERIES = {
    "form": 3,
    "dashboard": 6,  # its tiles, and its reasons to work on a ticket
}
