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
    ],
}
