from . import test_clock
from . import test_clock_property
from . import test_questions
from . import test_rebuild
from . import test_sla_cases
from . import test_ticket_sla
from . import test_waive
from . import test_worked_cases
