from . import incident_add
from . import incident_tie
from . import mail_compose_message
from . import ticket_assign
from . import ticket_escalate
from . import ticket_macro_apply
from . import ticket_merge
from . import ticket_split
