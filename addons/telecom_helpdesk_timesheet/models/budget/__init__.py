from . import (
    # These make what others here extend or inherit.
    time_budget,
    # alphabetical
    partner_budget,
    ticket_budget,
)
