from . import mail_thread
from . import ir_mail_server
from . import ticket_team
from . import ticket_team_address
from . import ticket_gateway
from . import ticket_outgoing
from . import fetchmail_server
