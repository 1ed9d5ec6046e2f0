from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Tickets are in the account of their contact, always.

    Those of contacts who have left stay with the account that they were for, which becomes their
    customer; where it is part of another account by now, they follow.
    """
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    cr.execute(
        """SELECT ticket.id, account.commercial_partner_id = account.id
             FROM telecom_ticket ticket
             JOIN res_partner contact ON contact.id = ticket.partner_id
        LEFT JOIN res_partner account ON account.id = ticket.commercial_partner_id
            WHERE ticket.commercial_partner_id IS DISTINCT FROM contact.commercial_partner_id"""
    )
    stays = dict(cr.fetchall())
    tickets = env["telecom.ticket"].browse(stays)
    for account, left in (
        tickets.filtered(lambda ticket: stays[ticket.id]).grouped("commercial_partner_id").items()
    ):
        left.write({"partner_id": account.id})
    following = tickets.filtered(lambda ticket: not stays[ticket.id])
    env.add_to_compute(tickets._fields["commercial_partner_id"], following)
    following.modified(["commercial_partner_id"])
    env.flush_all()
