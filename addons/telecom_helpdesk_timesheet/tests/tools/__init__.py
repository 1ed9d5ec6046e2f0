from . import test_tools
from . import test_tools_allotment
from . import test_tools_billed_time
from . import test_tools_packs
