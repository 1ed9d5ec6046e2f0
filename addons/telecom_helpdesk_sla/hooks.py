def uninstall_hook(env):
    """Remove what was promised first: calendars and types cannot go while policies name them.

    The tables go anyway; row by row through the ORM a large database would take hours.
    """
    env.cr.execute(
        "UPDATE telecom_ticket SET sla_term_id = NULL, sla_policy_id = NULL"
        " WHERE sla_term_id IS NOT NULL OR sla_policy_id IS NOT NULL"
    )
    for table in ("alert", "clock", "event", "term", "policy"):
        env.cr.execute(f"DELETE FROM telecom_sla_{table}")
    env.invalidate_all()
