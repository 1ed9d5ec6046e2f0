from . import (
    time_budget,
    ticket_budget,
    partner_budget,
)
