from . import (
    sla_policy,
    sla_policy_dry_run,
    sla_policy_matching,
    sla_policy_planning,
    sla_target,
    sla_term,
)
