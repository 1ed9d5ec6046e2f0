{
    "name": "Telecom Helpdesk: Time and Invoices",
    "summary": "Time on tickets, approved by a manager, becomes lines of the customer's next invoice",
    "version": "19.0.1.0.0",
    "category": "Services/Helpdesk",
    "author": "Telecom Helpdesk",
    "license": "LGPL-3",
    "post_init_hook": "post_init_hook",
    "depends": ["telecom_helpdesk", "hr_timesheet"],
    "data": [
        "security/groups.xml",
        "security/rules.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "data/support_rate.xml",
    ],
    "assets": {
        "web.assets_backend": ["telecom_helpdesk_timesheet/static/src/**/*"],
        "web.assets_tests": ["telecom_helpdesk_timesheet/static/tests/tours/*"],
    },
}
