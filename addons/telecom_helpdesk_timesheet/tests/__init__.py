from . import (
    test_log_time,
    test_tools,
    test_tools_allotment,
)
