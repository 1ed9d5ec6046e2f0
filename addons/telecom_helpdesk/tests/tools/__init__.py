from . import test_bounds
from . import test_change
from . import test_keywords
from . import test_message_text
from . import test_tools
from . import test_turns
from . import test_worktime
