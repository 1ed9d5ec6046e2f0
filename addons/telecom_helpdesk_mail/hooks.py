def uninstall_hook(env):
    """Take the teams' addresses along: a mail to one would still make a ticket."""
    env.cr.execute("UPDATE telecom_ticket_team SET alias_id = NULL")
    env.cr.execute("UPDATE telecom_ticket_team_address SET alias_id = NULL")
    env.invalidate_all()
    aliases = env["mail.alias"]
    aliases.search([("alias_parent_model_id.model", "=", "telecom.ticket.team")]).unlink()
    # Every company without a domain took that of the demo data when it came.
    domain = env.ref("telecom_helpdesk_mail.alias_domain", raise_if_not_found=False)
    if domain:
        domain.company_ids.alias_domain_id = False
        aliases.search([("alias_domain_id", "=", domain.id)]).alias_domain_id = False
