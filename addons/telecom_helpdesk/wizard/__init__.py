from . import ticket_escalate
