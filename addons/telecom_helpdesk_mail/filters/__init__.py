"""What an incoming mail says about itself, read by small filters before anything is written.

A filter is a function that takes the mail (``email.message.EmailMessage``) and returns hints,
a dict of plain values; later ones win. Filters are plain Python: they know neither the database
nor the ticket that the mail will end on. What a hint leads to is up to the ticket.

=============== =================================================================
``automatic``   no human wrote the mail: out of office, notification, bulk mail
=============== =================================================================
"""

from .automatic import find_automatic

# In the order in which they look.
FILTERS = (find_automatic,)


def find_hints(mail):
    """All hints on ``mail``, a dict."""
    hints = {}
    for find in FILTERS:
        hints.update(find(mail))
    return hints
