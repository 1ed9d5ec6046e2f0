def post_init_hook(env):
    """Give every company the project that its support time is booked on."""
    env["res.company"].search([])._create_support_project()
    # Who pays for support around the clock is not called out of hours at night.
    always = env.ref("telecom_helpdesk.contract_type_round_the_clock", raise_if_not_found=False)
    if always:
        always.support_always = True


def uninstall_hook(env):
    """Time and invoices stay, as Odoo's own; their links to tickets and rates are removed.

    Else no ticket could go where time was logged, nor a rate by which it was billed. Nobody is
    asked any more about timers that are gone.
    """
    env["telecom.ticket.timer"].search([])._withdraw_activity()
    env.cr.execute(
        """UPDATE account_analytic_line SET ticket_id = NULL, support_rate_id = NULL
            WHERE ticket_id IS NOT NULL OR support_rate_id IS NOT NULL"""
    )
    env.invalidate_all()
