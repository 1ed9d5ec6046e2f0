from odoo import fields, models
from odoo.tools import SQL


class TelecomBillingLock(models.Model):
    """Whoever bills a customer holds this row: two at once never make two invoices.

    A lock on entries or drafts would not do: a transaction that began earlier does not see the
    draft that another has just made. It raises ``serial`` instead, so that the slower one fails
    with a serialization failure, is tried again by Odoo and then sees what is there.
    """

    _name = "telecom.billing.lock"
    _description = "Billing Lock"
    _inherit = ["telecom.guard.mixin"]
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    # By its id: customers that are merged have a lock each, and one is as good as the other.
    customer = fields.Integer(required=True, readonly=True)
    serial = fields.Integer(required=True, readonly=True, default=0)

    _customer_unique = models.UniqueIndex("(company_id, customer)")

    def _take(self, company, partners):
        """Lock ``partners`` (customers) for ``company`` until the transaction ends.

        :return: those of them that nobody else bills at this moment
        """
        if not partners:
            return partners
        self.env.flush_all()
        # That somebody is as quick is nothing for the server's log: Odoo tries again.
        self.env.cr.execute(
            SQL(
                """INSERT INTO telecom_billing_lock (company_id, customer, serial)
                   SELECT %s, id, 0 FROM unnest(%s) AS partner (id)
                    WHERE NOT EXISTS (SELECT FROM telecom_billing_lock
                                       WHERE company_id = %s AND customer = partner.id)
              ON CONFLICT DO NOTHING""",
                company.id,
                sorted(partners.ids),
                company.id,
            ),
            log_exceptions=False,
        )
        rows = self.env.execute_query(
            SQL(
                """UPDATE telecom_billing_lock SET serial = serial + 1
                    WHERE id IN (SELECT id FROM telecom_billing_lock
                                  WHERE company_id = %s AND customer = ANY(%s)
                                  ORDER BY customer FOR UPDATE SKIP LOCKED)
                RETURNING customer""",
                company.id,
                partners.ids,
            )
        )
        taken = {id_ for (id_,) in rows}
        return partners.filtered(lambda partner: partner.id in taken)
