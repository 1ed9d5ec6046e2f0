import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..common import MailCase


class TestMailGateway(MailCase):
    """The user of the mail server's pipe; the script itself is tested with a real server."""

    def make_door(self, login, *groups):
        return self.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "group_ids": [Command.set([self.env.ref(group).id for group in groups])],
            }
        )

    def hand_over(self, user, raw):
        before = self.env["telecom.ticket"].search([])
        mail = base64.b64encode(raw).decode()
        self.assertIs(self.env["mail.thread"].with_user(user).telecom_receive_mail(mail), True)
        return self.env["telecom.ticket"].search([]) - before

    def test_the_smallest_user(self):
        user = self.make_door(
            "mta", "base.group_portal", "telecom_helpdesk_mail.group_mail_gateway"
        )
        raw = self.fixture("unknown_sender").encode()
        ticket = self.hand_over(user, raw)
        self.assertEqual((ticket.name, len(ticket)), ("Do you serve our street?", 1))
        self.assertEqual(ticket.create_uid, self.env.ref("base.user_root"))
        self.assertNotIn(user.partner_id, ticket.message_partner_ids)
        self.assertFalse(self.hand_over(user, raw), "the same mail again")
        with self.assertRaises(AccessError):
            ticket.with_user(user).read(["name"])

    def test_nobody_else_hands_over_mail(self):
        mail = base64.b64encode(self.fixture("colleague").encode()).decode()
        portal = self.make_door("portal", "base.group_portal")
        for user in (self.agent_voice, self.manager, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["mail.thread"].with_user(user).telecom_receive_mail(mail)

    def test_bytes_of_any_charset(self):
        raw = self.fixture("unknown_sender").replace("5 Harbour Street", "Zürich")
        raw = raw.replace("charset=utf-8", "charset=iso-8859-1").encode("latin-1")
        ticket = self.hand_over(self.env.ref("base.user_admin"), raw)
        self.assertIn("Zürich", ticket.message_ids.sorted("id")[0].body)

    def test_what_is_no_base64_is_refused(self):
        threads = self.env["mail.thread"].with_user(self.env.ref("base.user_admin"))
        for mail in ("Zürich", "From: x", None, 7):
            with self.subTest(mail), self.assertRaises(UserError):
                threads.telecom_receive_mail(mail)
