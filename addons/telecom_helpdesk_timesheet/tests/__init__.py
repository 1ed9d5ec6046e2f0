from . import (
    test_tools,
    test_tools_allotment,
)
