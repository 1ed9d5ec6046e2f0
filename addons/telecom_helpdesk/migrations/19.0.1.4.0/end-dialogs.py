"""A dialog has another name: Odoo forgets the old one, but leaves its empty tables."""


def migrate(cr, version):
    cr.execute("DROP TABLE IF EXISTS telecom_incident_tie_ticket_rel, telecom_incident_tie")
