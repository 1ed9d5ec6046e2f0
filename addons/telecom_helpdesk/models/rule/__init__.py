from . import (
    ticket_rule,
    ticket_rule_application,
    ticket_rule_checks,
    ticket_rule_condition,
    ticket_rule_dry_run,
    ticket_rule_explanation,
    ticket_rule_firing,
    ticket_rule_log,
    ticket_rule_matching,
    ticket_rule_planning,
    ticket_rule_server_action,
)
