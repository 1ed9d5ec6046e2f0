from . import (
    sla_policy,
    sla_target,
    sla_term,
    sla_event,
    sla_clock,
    sla_alert,
    ticket_sla,
)
