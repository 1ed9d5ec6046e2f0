import email
import email.policy
from contextlib import contextmanager, nullcontext
from pathlib import Path

from odoo.tests import TransactionCase

from odoo.addons.base.tests.common import MockSmtplibCase
from odoo.addons.telecom_helpdesk.tests.common import HelpdeskCommon

FIXTURES = Path(__file__).parent / "fixtures"
# What makes any fixture a newsletter.
NEWSLETTER = {"Precedence": "bulk", "List_Unsubscribe": "<https://news.example.com/leave>"}


class MailCommon(HelpdeskCommon):
    """The core's operator with mail: ``team_voice`` is support@, ``team_internet`` internet@.

    Both at operator.example.com; ``public`` is the customers' side of what happened.
    """

    @classmethod
    def set_up_teams(cls):
        result = super().set_up_teams()
        cls.alias_domain = cls.env["mail.alias.domain"].create({"name": "operator.example.com"})
        cls.company.write({"name": "Acme Telecom", "alias_domain_id": cls.alias_domain.id})
        cls.team_voice.alias_name = "support"
        cls.team_internet.alias_name = "internet"
        return result

    def make_company(self, name):
        """Another operator, with a team that has the address support@ at its own domain."""
        domain = self.env["mail.alias.domain"].create({"name": f"{name.lower()}.example.com"})
        company = self.env["res.company"].create({"name": name, "alias_domain_id": domain.id})
        self.make_team(
            f"{name} Support",
            self.env["res.users"],
            company_id=company.id,
            resource_calendar_id=company.resource_calendar_id.id,
            alias_name="support",
        )
        return company

    # Mail in

    def vouch_for(self, address):
        """Headers (dict) by which our own mail server says that ``address`` wrote a mail."""
        self.env["ir.config_parameter"].set_param(
            "telecom_helpdesk_mail.authentication_server", "mx.operator.example.com"
        )
        domain = address.rpartition("@")[2]
        said = f"mx.operator.example.com; dmarc=pass header.from={domain}"
        return {"Authentication_Results": said}

    def fixture(self, name, **headers):
        """The mail ``fixtures/<name>.eml`` as text, with these headers changed or added."""
        mail = email.message_from_bytes((FIXTURES / f"{name}.eml").read_bytes())
        for header, value in headers.items():
            del mail[header.replace("_", "-")]
            mail[header.replace("_", "-")] = value
        return mail.as_string()

    def receive(self, raw):
        """The gateway takes a mail (text). Returns the messages that came of it, oldest first."""
        messages = self.env["mail.message"]
        last = messages.search([], order="id desc", limit=1).id
        # The quarantine writes by a transaction of its own.
        shared = nullcontext() if self._registry_patched else self.enter_registry_test_mode()
        with shared:
            self.env["mail.thread"].message_process(False, raw)
        return messages.search(
            [
                ("id", ">", last),
                ("message_type", "=", "email"),
                ("model", "=", "telecom.ticket"),
            ],
            order="id",
        )

    def receive_ticket(self, raw):
        """The gateway takes a mail (text) that makes exactly one ticket, which is returned."""
        before = self.env["telecom.ticket"].search([])
        message = self.receive(raw)
        ticket = self.env["telecom.ticket"].search([]) - before
        self.assertEqual((len(ticket), len(message)), (1, 1))
        self.assertEqual(message.res_id, ticket.id)
        return ticket

    def receive_quarantined(self, raw):
        """The gateway takes a mail (text) that goes to the quarantine, whose entry is returned."""
        quarantine = self.env["telecom.mail.quarantine"]
        before = quarantine.search([])
        self.assertFalse(self.receive(raw))
        return (quarantine.search([]) - before).ensure_one()

    def answer(self, mail, name="answer", **headers):
        """Text of the customer's answer to ``mail``, an EmailMessage that was sent."""
        return self.fixture(
            name,
            **{
                "Subject": f"Re: {mail['Subject']}",
                "In_Reply_To": mail["Message-Id"],
                "References": f"{mail['References'] or ''} {mail['Message-Id']}".strip(),
                **headers,
            },
        )

    # Mail out

    @contextmanager
    def outbox(self):
        """List that fills with the mails (EmailMessage) that are sent within the block.

        What the SMTP envelope said is in X-Envelope-From and X-Envelope-To.
        """
        sent = []
        with self.mock_smtplib_connection():
            yield sent
        for mail in self.emails:
            message = email.message_from_string(mail["message"], policy=email.policy.default)
            message["X-Envelope-From"] = mail["smtp_from"]
            message["X-Envelope-To"] = ", ".join(mail["smtp_to_list"])
            sent.append(message)

    def run_scheduler(self):
        """What is due on tickets is done. Returns the mails that left for it."""
        with self.outbox() as sent:
            mails = self.env["mail.mail"]
            known = mails.search([])
            while self.env["telecom.ticket.due"]._run_due_batch():
                pass
            mails.process_email_queue((mails.search([]) - known).ids or [0])
        return sent

    def reply(self, ticket, user=None, **kwargs):
        """An agent (``agent_voice``) answers in the chatter. Returns the mails that left for it."""
        with self.outbox() as sent:
            ticket.with_user(user or self.agent_voice).message_post(
                body="We are on it.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **kwargs,
            )
        return sent

    def reply_to_customer(self, ticket, user=None, **kwargs):
        """The same; returns the one mail that left for somebody outside."""
        sent = self.reply(ticket, user=user, **kwargs)
        outside = [mail for mail in sent if "@operator." not in mail["X-Envelope-To"]]
        self.assertEqual(len(outside), 1, [mail["X-Envelope-To"] for mail in sent])
        return outside[0]


class MailCase(MailCommon, MockSmtplibCase, TransactionCase):
    """For tests of the mail gateway."""
