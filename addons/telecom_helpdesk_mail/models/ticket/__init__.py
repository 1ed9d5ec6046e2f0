from . import (
    ticket_reactions,
    ticket_mail_thread,
    ticket_sender,
    ticket_routing,
    ticket_gateway,
    ticket_proof,
    ticket_references,
    ticket_outgoing,
    ticket_acknowledgement,
)
