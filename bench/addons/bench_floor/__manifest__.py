{
    "name": "Bench: the floor",
    "summary": "The least that a ticket with a conversation can cost in Odoo",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Telecom Helpdesk",
    "license": "LGPL-3",
    "depends": ["mail"],
    "data": ["security/ir.model.access.csv"],
}
