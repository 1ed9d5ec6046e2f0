from . import (
    ticket_reactions,
    ticket_sender,
    ticket_routing,
    ticket_gateway,
    ticket_references,
    ticket_outgoing,
    ticket_acknowledgement,
    mail_shortcuts,
)
