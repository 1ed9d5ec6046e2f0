from . import (
    test_access,
    test_alert,
    test_alert_cost,
    test_alert_downtime,
    test_alert_rules,
    test_alert_tour,
    test_multi_company,
    test_planning,
    test_policy,
    test_ticket_sla,
    test_waive,
)
