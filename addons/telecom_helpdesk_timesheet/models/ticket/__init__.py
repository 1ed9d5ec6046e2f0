from . import (
    ticket_billing,
    ticket_category,
    ticket_included,
    ticket_invoices,
    ticket_reactions,
    ticket_team_time,
    ticket_time,
    ticket_time_moves,
    ticket_time_reply,
    ticket_timer,
    ticket_timer_buttons,
    ticket_timer_due,
)
