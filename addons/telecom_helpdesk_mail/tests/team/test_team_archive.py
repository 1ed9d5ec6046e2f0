from odoo.fields import Command
from odoo.tests import Form

from ..quarantine.test_quarantine import QuarantineCase


class TestTeamWithAddressesIsArchived(QuarantineCase):
    """Voice, which has two addresses, is archived; Internet takes over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.address_ids = [
            Command.create({"alias_name": "outage", "alias_domain_id": cls.alias_domain.id})
        ]

    def archive(self):
        """*Archive* in the menu of the team's form, and the dialog that it opens."""
        action = self.team_voice.with_user(self.manager).action_archive()
        dialogs = self.env[action["res_model"]].with_user(self.manager)
        form = Form(dialogs.with_context(**action["context"]))
        self.uses = form.uses
        form.successor_id = self.team_internet
        form.save().action_archive()

    def test_its_addresses_lead_to_the_other_team(self):
        self.archive()
        self.assertIn("Further Mail Address: 1", self.uses)
        self.assertFalse(self.team_voice.alias_id)
        self.assertEqual(
            sorted(self.team_internet.address_ids.mapped("alias_email")),
            ["outage@operator.example.com", "support@operator.example.com"],
        )
        for number, address in enumerate(("support", "outage", "internet")):
            with self.subTest(address):
                to = f"{address}@operator.example.com"
                raw = self.fixture(
                    "known_contact", Delivered_To="", To=to, Message_ID=f"<{number}@example.com>"
                )
                ticket = self.receive_ticket(raw)
                self.assertEqual(ticket.team_id, self.team_internet)
                self.assertEqual(ticket.mail_alias_id.alias_full_name, to)

    def test_old_tickets_are_answered_from_the_address_that_the_customer_knows(self):
        raw = self.fixture("known_contact", Delivered_To="", To="outage@operator.example.com")
        ticket = self.receive_ticket(raw)
        self.archive()
        self.assertEqual(ticket.team_id, self.team_internet)
        self.assertEqual(ticket.mail_alias_id.alias_full_name, "outage@operator.example.com")

    def test_an_address_alone_keeps_it_from_being_archived_in_passing(self):
        with self.assertRaisesRegex(Exception, "still gets work"):
            self.team_voice.with_user(self.manager).write({"active": False})

    def test_mailboxes_and_mails_that_wait_go_along(self):
        waiting = self.receive_failing()
        server = self.env["fetchmail.server"].create(
            {"name": "Box", "server_type": "imap", "telecom_team_id": self.team_voice.id}
        )
        self.assertEqual(waiting.team_id, self.team_voice)
        self.archive()
        self.assertEqual((waiting.team_id, server.telecom_team_id), (self.team_internet,) * 2)


class TestLeaderHasLeft(QuarantineCase):
    def test_mails_in_quarantine_are_told_to_who_stands_in(self):
        boss = self.make_user("boss", "telecom_helpdesk.group_agent", name="Bo Boss")
        self.team_voice.leader_id = boss
        boss.with_user(self.env.ref("base.user_admin")).action_archive()
        self.receive_failing()
        self.run_due()
        told = self.env["mail.message"].search(
            [("model", "=", "telecom.mail.quarantine"), ("partner_ids", "!=", False)]
        )
        self.assertIn(self.manager.partner_id, told.partner_ids)
        self.assertNotIn(boss.partner_id, told.partner_ids)
