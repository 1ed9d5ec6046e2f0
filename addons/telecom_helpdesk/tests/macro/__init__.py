from . import test_macro_rights
from . import test_ticket_macro
