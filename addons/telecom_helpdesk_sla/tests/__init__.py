from . import test_ticket_sla
