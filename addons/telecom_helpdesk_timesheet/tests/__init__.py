from . import (
    test_billing,
    test_guard,
    test_included,
    test_log_time,
    test_portal,
    test_rate,
    test_review,
    test_split_hours,
    test_tools,
    test_tools_allotment,
)
