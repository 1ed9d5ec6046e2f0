from odoo.fields import Command

from odoo.addons.telecom_helpdesk.tests.common import frozen

from .billing_common import BillingCommon

MARCH = "2026-03-10 09:00:00"


class PacksCommon(BillingCommon):
    """ACME, without included hours, buys packs; Globex has none.

    ================ ===========================================================
    ``pack_product`` "Ten hours of support": 10 h that are good for 3 months
    ``bare``         a ticket of ACME without a contract
    ================ ===========================================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack_product = cls.make_product(
            "Ten hours of support",
            700,
            uom_id=cls.env.ref("uom.product_uom_unit").id,
            support_pack_hours=10,
            support_pack_months=3,
        )
        cls.bare = cls.make_ticket(partner_id=cls.customer_contact.id, team_id=cls.team_voice.id)

    def setUp(self):
        super().setUp()
        self.clock = None
        self.at(MARCH)

    def at(self, instant):
        """It is ``instant`` from now on."""
        if self.clock:
            self.clock.__exit__(None, None, None)
        else:
            self.addCleanup(lambda: self.clock.__exit__(None, None, None))
        self.clock = frozen(instant)
        self.clock.__enter__()

    def order(self, quantity=1, day="2026-03-01", **values):
        """A draft invoice of ACME for packs, by the accountant."""
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.pack_product.id, "quantity": quantity})
                    ],
                    **values,
                }
            )
        )

    def sell(self, quantity=1, day="2026-03-01", **values):
        """The accountant posts an invoice for packs; the pack."""
        move = self.order(quantity, day, **values)
        move.action_post()
        return self.get_pack(move)

    def get_pack(self, move):
        return move.sudo().invoice_line_ids.pack_ids.with_env(self.env)

    def work(self, hours, day="2026-03-05", ticket=None, **values):
        """Approved work on ``bare``."""
        return self.log_approved(hours * 60, date=day, ticket=ticket or self.bare, **values)

    def assert_pack(self, pack, used, left, state="active", lost=0, credited=0):
        pack.invalidate_recordset()
        self.assertEqual(
            (pack.used_hours, pack.left_hours, pack.lost_hours, pack.credited_hours, pack.state),
            (used, left, lost, credited, state),
        )

    def run_scheduler(self):
        self.env["telecom.hour.pack"]._run_due_batch()
        self.env.invalidate_all()
