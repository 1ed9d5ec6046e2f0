from odoo.fields import Command
from odoo.tests import Form

from .common import HelpdeskCase

DELIVERY_CRON = "telecom_helpdesk.ir_cron_incident_delivery_due"


class IncidentCase(HelpdeskCase):
    """An exchange fails; ACME's SIP trunk (``service_voice``) hangs on it.

    ``incident`` is open, in ``team_voice``, without a customer, and offers itself.
    Customers read English, French or German; the operator English.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in ("fr_FR", "de_DE"):
            cls.env["res.lang"]._activate_lang(code)
        cls.company.partner_id.lang = "en_US"
        cls.incident = cls.make_incident()
        # Writing to many takes a right of its own: see test_incident_public.
        cls.agent_voice.group_ids += cls.env.ref("telecom_helpdesk.group_incident_communicator")

    @classmethod
    def make_incident(cls, **values):
        return cls.make_ticket(
            **{
                "name": "Exchange down in Lyon",
                "incident_kind": "incident",
                "partner_id": False,
                "affected_service_ids": [Command.set(cls.service_voice.ids)],
                **values,
            }
        )

    @classmethod
    def make_customers(cls, count, langs=("en_US",)):
        """``count`` accounts, each with a SIP trunk; returns (accounts, services)."""
        partners = cls.quietly_create(
            "res.partner",
            [
                {
                    "name": f"Customer {n}",
                    "is_company": True,
                    "email": f"customer{n}@customer.example.com",
                    "lang": langs[n % len(langs)],
                }
                for n in range(count)
            ],
        )
        services = cls.quietly_create(
            "telecom.service",
            [
                {
                    "identifier": f"SIP-MANY-{partner.id}",
                    "type_id": cls.type_voice.id,
                    "partner_id": partner.id,
                    "state": "active",
                }
                for partner in partners
            ],
        )
        return partners, services

    @classmethod
    def make_children(cls, partners, **values):
        """A ticket of each of ``partners``, linked to the incident."""
        return (
            cls.setup_env["telecom.ticket"]
            .create(
                [
                    {
                        "name": f"No dial tone at {partner.name}",
                        "partner_id": partner.id,
                        "team_id": cls.team_voice.id,
                        "parent_id": cls.incident.id,
                        **values,
                    }
                    for partner in partners
                ]
            )
            .with_env(cls.env)
        )

    def write_update(self, texts, incident=None, user=None, kind="update", title=None, **values):
        """What ``user`` (``agent_voice``) does: open the form, write, and send.

        :param title: of the mails to customers without a ticket, in each language
        """
        update = self.write_draft(texts, incident, user, kind, title, **values)
        update.action_send()
        return update.with_env(self.env)

    def write_draft(self, texts, incident=None, user=None, kind="update", title=None, **values):
        incident = (incident or self.incident).with_user(user or self.agent_voice)
        action = (
            incident.action_write_update()
            if kind == "update"
            else incident.action_write_resolution()
        )
        model = incident.env[action["res_model"]].with_context(**action["context"])
        form = Form(model)
        for name, value in values.items():
            form[name] = value
        left = dict(texts)
        for index in range(len(form.text_ids)):
            with form.text_ids.edit(index) as line:
                if line.lang in left:
                    line.body = left.pop(line.lang)
                    if title:
                        line.title = title
        for lang, body in left.items():
            with form.text_ids.new() as line:
                line.lang, line.body = lang, body
                if title:
                    line.title = title
        return form.save()

    def run_deliveries(self):
        """The scheduled action runs."""
        with self.enter_registry_test_mode():
            self.env.ref(DELIVERY_CRON).method_direct_trigger()
        self.env.invalidate_all()

    def public_messages(self, ticket):
        """What the customer of ``ticket`` reads, oldest first."""
        return ticket.message_ids.filtered(
            lambda message: ticket._is_public(message) and message.body
        ).sorted("id")

    def mails_of(self, messages):
        return self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)])
