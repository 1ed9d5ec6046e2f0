from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class TelecomIncidentUpdate(models.Model):
    """An update to the customers of a major incident, written once.

    A draft until it is sent; then the scheduler does one delivery for each ticket linked to the
    incident (and for each affected customer without one, if chosen).

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
    company_id = fields.Many2one("res.company", compute="_compute_from_incident")
    kind = fields.Selection(
        [("update", "Update"), ("resolution", "Resolution"), ("cancellation", "Cancellation")],
        default="update",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Written by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        help="Customers read it in their name: once it is sent, whoever sent it.",
    )
    asked_by_id = fields.Many2one("res.users", string="Requested by", readonly=True, copy=False)
    asked_at = fields.Datetime(
        string="Requested on",
        readonly=True,
        copy=False,
        help="Waiting to be sent by somebody who may write to many customers.",
    )
    may_send = fields.Boolean(compute="_compute_may_send")
    sent_at = fields.Datetime(string="Sent on", readonly=True, copy=False)
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
        [
            ("tickets", "Customers with a ticket"),
            ("told", "Everybody who was notified"),
            ("all", "All affected customers"),
        ],
        string="Recipients",
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
    resolution = fields.Html(compute="_compute_from_incident", inverse="_inverse_resolution")
    delivery_ids = fields.One2many(
        "telecom.incident.delivery", "update_id", string="Deliveries", readonly=True
    )
    waiting_count = fields.Integer(compute="_compute_delivery_counts")
    delivered_count = fields.Integer(compute="_compute_delivery_counts")
    skipped_count = fields.Integer(compute="_compute_delivery_counts")
    failed_count = fields.Integer(compute="_compute_delivery_counts")
    delivery_summary = fields.Char(string="Delivery", compute="_compute_delivery_counts")
    reader_notice = fields.Char(string="Recipient Notice", compute="_compute_reader_notice")
    reader_names = fields.Char(string="Recipient Names", compute="_compute_reader_names")

    @api.depends("kind", "text_ids.body", "fallback_lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for update in self:
            words = " ".join((update._get_text(self.env.lang) or kinds[update.kind] or "").split())
            update.display_name = words if len(words) <= 80 else f"{words[:79]}…"

    @api.depends("incident_id.company_id", "incident_id.resolution")
    def _compute_from_incident(self):
        # Not "related": a draft that is not saved may point to any ticket.
        for update in self:
            incident = update.incident_id._origin._filtered_access("read")
            update.company_id, update.resolution = incident.company_id, incident.resolution

    def _inverse_resolution(self):
        for update in self:
            update.incident_id.resolution = update.resolution

    @api.depends("incident_id", "kind")
    def _compute_reach(self):
        """By default maintenance goes to everybody affected, a fault to customers with a ticket,
        and the end of either to those who were notified of it."""
        for update in self.filtered(lambda update: not update.reach):
            is_maintenance = update.incident_id.incident_kind == "maintenance"
            update.reach = "all" if is_maintenance else "tickets"
            incident = update.incident_id._origin._filtered_access("read").sudo()
            if update.kind == "resolution" and incident._has_notified_customers():
                update.reach = "told"

    @api.depends("incident_id", "reach")
    def _compute_text_ids(self):
        """An empty text for each language that the customers read, the most read first.

        Above them the one that the others get.
        """
        for update in self.filtered(lambda update: not update.sent_at):
            readers = update._count_readers()
            known = {False, *update.text_ids.mapped("lang")}
            wanted = sorted(readers, key=lambda lang: (-readers[lang], lang))
            titles = update._get_known_titles()
            update.text_ids = [
                Command.create({"lang": lang, "title": titles.get(lang)})
                for lang in dict.fromkeys([update.fallback_lang, *wanted])
                if lang not in known
            ]

    @api.depends("asked_at", "delivery_ids.state", "sent_at")
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
            if not update.sent_at:
                summary = (
                    self.env._("Waiting to be sent") if update.asked_at else self.env._("Draft")
                )
            update.delivery_summary = summary

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("kind") == "cancellation" for vals in vals_list):
            raise UserError(self.env._("Cancel the incident itself: its tickets get a note."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_draft()
            for update in self:
                was = {"incident_id": update.incident_id.id, "kind": update.kind}
                if any(vals.get(name, was[name]) != was[name] for name in was):
                    raise UserError(
                        self.env._(
                            "The type and incident of a draft cannot be changed. Write another one."
                        )
                    )
        return super().write(vals)

    def _check_draft(self):
        """Check that the current user may change this draft.

        :raises UserError: it was sent; or it waits to be, and they may not send it
        """
        if self.filtered("sent_at"):
            raise UserError(
                self.env._("What was sent stays as it is. Write another update instead.")
            )
        if self.filtered("asked_at") and not self._may_send_to_many():
            raise UserError(self.env._("This waits to be sent. Take it back before you change it."))

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if self.filtered("sent_at"):
            raise UserError(self.env._("What customers were sent cannot be deleted."))
        self._check_draft()

    def action_open(self):
        """Open it on a page of its own, with what can be done about it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
