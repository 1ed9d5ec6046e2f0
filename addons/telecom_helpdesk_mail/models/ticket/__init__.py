from . import (
    ticket_acknowledgement,
    ticket_gateway,
    ticket_mail_thread,
    ticket_outgoing,
    ticket_proof,
    ticket_reactions,
    ticket_references,
    ticket_routing,
    ticket_sender,
)
