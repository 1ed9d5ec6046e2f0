def uninstall_hook(env):
    """Take the teams' addresses along: a mail to one would still make a ticket."""
    env.cr.execute("UPDATE telecom_ticket_team SET alias_id = NULL")
    env.invalidate_all()
    env["mail.alias"].search([("alias_parent_model_id.model", "=", "telecom.ticket.team")]).unlink()
