from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, plaintext2html


class TelecomIncidentUpdate(models.Model):
    """What the customers of a major incident are told, written once.

    A draft until it is sent; then one delivery for each ticket tied to the incident (and for
    each affected customer without one, if wished) is done on the clockwork.

    The last word, ``resolution``, resolves the tickets too, with or without a text. A
    ``cancellation`` leaves an internal note only.
    """

    _name = "telecom.incident.update"
    _description = "Incident Update"
    _inherit = ["telecom.guard.mixin"]
    _order = "sent_at desc, id desc"
    _fixed_fields = frozenset({"incident_id", "kind"})

    incident_id = fields.Many2one(
        "telecom.ticket",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("incident_kind", "!=", False)],
    )
    company_id = fields.Many2one(related="incident_id.company_id")
    kind = fields.Selection(
        [("update", "Update"), ("resolution", "Resolution"), ("cancellation", "Cancellation")],
        default="update",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Written by", required=True, default=lambda self: self.env.user
    )
    sent_at = fields.Datetime(string="Sent on", readonly=True, copy=False)
    subject = fields.Char(
        compute="_compute_subject",
        store=True,
        readonly=False,
        help="Of the mails to customers without a ticket. Answers on tickets keep theirs.",
    )
    fallback_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        string="Other Languages Get",
        required=True,
        default=lambda self: self.env["telecom.ticket"]._pick_lang(
            self.env.company.partner_id.lang
        ),
        help="The text that customers get whose language has none.",
    )
    reach = fields.Selection(
        [("tickets", "Customers with a ticket"), ("all", "All affected customers")],
        string="Goes to",
        compute="_compute_reach",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    text_ids = fields.One2many(
        "telecom.incident.update.text",
        "update_id",
        string="Texts",
        compute="_compute_text_ids",
        store=True,
        readonly=False,
    )
    resolution = fields.Html(related="incident_id.resolution", readonly=False)
    delivery_ids = fields.One2many("telecom.incident.delivery", "update_id", string="Deliveries")
    waiting_count = fields.Integer(compute="_compute_delivery_counts")
    delivered_count = fields.Integer(compute="_compute_delivery_counts")
    skipped_count = fields.Integer(compute="_compute_delivery_counts")
    failed_count = fields.Integer(compute="_compute_delivery_counts")
    delivery_summary = fields.Char(string="Delivery", compute="_compute_delivery_counts")
    reader_notice = fields.Char(compute="_compute_reader_notice")

    @api.depends("kind", "text_ids.body", "fallback_lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for update in self:
            words = " ".join((update._get_text(self.env.lang) or kinds[update.kind] or "").split())
            update.display_name = words if len(words) <= 80 else f"{words[:79]}…"

    @api.depends("incident_id")
    def _compute_subject(self):
        for update in self:
            update.subject = update.subject or update.incident_id.name

    @api.depends("incident_id")
    def _compute_reach(self):
        """Works are announced to everybody; a fault to those who asked."""
        for update in self:
            is_maintenance = update.incident_id.incident_kind == "maintenance"
            update.reach = update.reach or ("all" if is_maintenance else "tickets")

    @api.depends("incident_id", "reach")
    def _compute_text_ids(self):
        """An empty text for each language that the customers read, the most read first.

        Above them the one that the others get.
        """
        for update in self.filtered(lambda update: not update.sent_at):
            readers = update._count_readers()
            known = {False, *update.text_ids.mapped("lang")}
            wanted = sorted(readers, key=lambda lang: (-readers[lang], lang))
            update.text_ids = [
                Command.create({"lang": lang})
                for lang in dict.fromkeys([update.fallback_lang, *wanted])
                if lang not in known
            ]

    @api.depends("text_ids.body", "text_ids.lang", "fallback_lang", "reach", "incident_id")
    def _compute_reader_notice(self):
        """Said before it is sent: how many customers read it, and who reads another language."""
        names = dict(self.env["res.lang"].get_installed())
        for update in self:
            if update.sent_at:
                update.reader_notice = False
                continue
            readers = update._count_readers()
            written = {text.lang for text in update.text_ids if text.body}
            without = {lang: count for lang, count in readers.items() if lang not in written}
            notice = self.env._("%(count)s customers will read this.", count=readers.total())
            if without and written:
                notice += " " + self.env._(
                    "Without a text of their own: %(languages)s. They get the one in %(fallback)s.",
                    languages=", ".join(f"{names[lang]} ({n})" for lang, n in without.items()),
                    fallback=names.get(update.fallback_lang, "-"),
                )
            update.reader_notice = notice

    @api.depends("delivery_ids.state")
    def _compute_delivery_counts(self):
        counts = {}
        for update, state, count in (
            self.env["telecom.incident.delivery"]
            .sudo()
            ._read_group([("update_id", "in", self.ids)], ["update_id", "state"], ["__count"])
        ):
            counts.setdefault(update.id, Counter())[state] = count
        for update in self:
            states = counts.get(update.id, Counter())
            for state in ("waiting", "delivered", "skipped", "failed"):
                update[f"{state}_count"] = states[state]
            wanted = states.total() - states["skipped"]
            summary = self.env._(
                "%(done)s of %(wanted)s delivered", done=states["delivered"], wanted=wanted
            )
            if states["failed"]:
                summary += ", " + self.env._("%(count)s failed", count=states["failed"])
            update.delivery_summary = summary if update.sent_at else self.env._("Draft")

    def write(self, vals):
        if not self.env.su and self.filtered("sent_at"):
            raise UserError(
                self.env._("What was sent stays as it is. Write another update instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if self.filtered("sent_at"):
            raise UserError(self.env._("What customers were sent cannot be deleted."))

    def action_open(self):
        """Open it on a page of its own, with what can be done about it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # Readers

    def _get_text(self, lang):
        """Text (str, perhaps empty) for a customer who reads ``lang``."""
        texts = {text.lang: text.body for text in self.text_ids if text.body}
        return texts.get(lang) or texts.get(self.fallback_lang) or ""

    def _get_body(self, lang):
        """The text for ``lang`` as HTML; what looks like HTML in it is shown as it stands."""
        text = self._get_text(lang).strip()
        return plaintext2html(text) if text else Markup()

    def _count_readers(self):
        """How many customers would read it in which language: Counter by language code."""
        self.ensure_one()
        incident = self.incident_id._origin.sudo()
        if not incident:
            return Counter()
        tickets = incident.search(incident._get_open_children_domain())
        readers = Counter(ticket._get_customer_lang() for ticket in tickets)
        if self.reach == "all":
            own = incident.company_id.partner_id.lang
            rows = self.env.execute_query(
                SQL(
                    """SELECT lang, count(*) FROM (%s) AS contact
                       WHERE email IS NOT NULL GROUP BY lang""",
                    incident._sql_contacts_without_ticket(),
                )
            )
            for lang, count in rows:
                readers[incident._pick_lang(lang, own)] += count
        return readers
