from . import (
    accountant_views,
    ticket_category,
    ticket_included,
    ticket_invoices,
    ticket_merge,
    ticket_reactions,
    ticket_team_dashboard,
    ticket_time,
    ticket_time_reply,
    ticket_timer,
    ticket_timer_buttons,
    ticket_timer_due,
)
