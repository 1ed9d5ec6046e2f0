{
    "name": "Telecom Helpdesk: Mail",
    "summary": "Mails to a team's address become tickets, answers stay in one thread",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "author": "Telecom Helpdesk",
    "license": "LGPL-3",
    "depends": ["telecom_helpdesk"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/mail_templates.xml",
        "views/ticket_team_views.xml",
        "views/ticket_views.xml",
        "wizard/mail_compose_message_views.xml",
    ],
    "demo": ["demo/ticket_team.xml"],
    "uninstall_hook": "uninstall_hook",
}
