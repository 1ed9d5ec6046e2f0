from . import ticket_escalate
from . import incident_add
from . import incident_tie
