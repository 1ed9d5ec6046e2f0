from . import test_access
from . import test_contract
from . import test_due_mixin
from . import test_ticket
from . import test_ticket_state
from . import test_ticket_thread
