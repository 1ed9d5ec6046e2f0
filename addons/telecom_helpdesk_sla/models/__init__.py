from . import (
    sla_policy,
    sla_policy_matching,
    sla_target,
    sla_term,
    sla_event,
    sla_clock,
    sla_alert,
    ticket_sla,
    ticket_sla_notes,
    ticket_sla_policy,
)
