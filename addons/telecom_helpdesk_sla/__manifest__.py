{
    "name": "Telecom Helpdesk: SLA",
    "summary": "Promises by tier, contract and service: clocks in working time, alerts in time",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "author": "Telecom Helpdesk",
    "license": "LGPL-3",
    "depends": ["telecom_helpdesk"],
    "data": [
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "data/mail_template.xml",
        "data/ticket_rule.xml",
        "views/sla_alert_views.xml",
        "views/ticket_rule_views.xml",
        "wizard/sla_waive_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["telecom_helpdesk_sla/static/src/**/*"],
        "web.assets_tests": ["telecom_helpdesk_sla/static/tests/tours/*"],
    },
}
