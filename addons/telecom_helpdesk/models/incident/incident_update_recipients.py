from collections import Counter

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html

# As many names are shown before an update is sent; a list has the rest.
MOST_NAMES = 12


class TelecomIncidentUpdate(models.Model):
    """Recipients of an update: who, in which language, and which text."""

    _inherit = "telecom.incident.update"

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
            notice = self.env._("Customers who will read this: %(count)s.", count=readers.total())
            if without and written:
                notice += " " + self.env._(
                    "Without a text of their own: %(languages)s. They get the one in %(fallback)s.",
                    languages=", ".join(f"{names[lang]} ({n})" for lang, n in without.items()),
                    fallback=names.get(update.fallback_lang, "-"),
                )
            update.reader_notice = notice

    @api.depends("reach", "incident_id")
    def _compute_reader_names(self):
        for update in self:
            update.reader_names = False
            if update.sent_at:
                continue
            accounts = update._find_reading_accounts()
            names = accounts[:MOST_NAMES].mapped("display_name")
            if left := max(update._count_readers().total(), len(accounts)) - len(names):
                # Of one account there may be several tickets, of an unknown caller no account.
                names.append(self.env._("%(count)s more", count=left))
            update.reader_names = ", ".join(names)

    # What they read

    def _pick_text(self, lang):
        """The text (telecom.incident.update.text, perhaps none) for who reads ``lang``."""
        texts = {text.lang: text for text in self.text_ids if text.body and text.body.strip()}
        return texts.get(lang) or texts.get(self.fallback_lang) or self.text_ids.browse()

    def _get_text(self, lang):
        """Text (str, perhaps empty) for a customer who reads ``lang``."""
        return self._pick_text(lang).body or ""

    def _get_title(self, lang):
        """Subject (str, perhaps empty) of mails to customers who read ``lang``."""
        return (self._pick_text(lang).title or "").strip()

    def _get_known_titles(self):
        """``{language: title}`` under which customers were written to about this incident."""
        sent = self.search(
            [("incident_id", "=", self.incident_id._origin.id), ("sent_at", "!=", False)],
            order="sent_at, id",
        )
        return {text.lang: text.title for text in sent.text_ids if text.title}

    def _get_body(self, lang):
        """The text for ``lang`` as HTML; what looks like HTML in it is shown as it stands."""
        text = self._get_text(lang).strip()
        return plaintext2html(text) if text else Markup()

    def _get_reading_tickets_domain(self):
        """Domain of the tickets that get it: the open ones, and at the end of the incident those
        that were notified of it before they were resolved."""
        incident = self.incident_id._origin.sudo()
        domain = Domain(incident._get_open_children_domain())
        if self.reach == "told":
            told = SQL("(SELECT ticket_id FROM (%s) AS told)", incident._sql_notified())
            domain |= Domain(
                [
                    ("parent_id", "in", incident.ids),
                    ("merged_into_id", "=", False),
                    ("state", "in", ("resolved", "closed")),
                    ("id", "in", told),
                ]
            )
        return domain

    def _sql_reading_contacts(self):
        """Query for whom it is mailed to, as ``_sql_contacts_without_ticket``; None: nobody."""
        incident = self.incident_id._origin.sudo()
        if self.reach == "all":
            return incident._sql_contacts_without_ticket()
        return incident._sql_notified_contacts() if self.reach == "told" else None

    def _count_readers(self):
        """How many customers would read it in which language: Counter by language code."""
        self.ensure_one()
        incident = self.incident_id._origin._filtered_access("read").sudo()
        if not incident:
            return Counter()
        tickets = incident.search(self._get_reading_tickets_domain())
        readers = Counter(ticket._get_customer_lang() for ticket in tickets)
        if contacts := self._sql_reading_contacts():
            own = incident.company_id.partner_id.lang
            rows = self.env.execute_query(
                SQL(
                    """SELECT lang, count(*) FROM (%s) AS contact
                       WHERE email IS NOT NULL GROUP BY lang""",
                    contacts,
                )
            )
            for lang, count in rows:
                readers[incident._pick_lang(lang, own)] += count
        return readers

    def _find_reading_accounts(self):
        """Accounts (res.partner) of those who would read it, by name, as far as the user may read
        them.
        """
        incident = self.incident_id._origin._filtered_access("read").sudo()
        if not incident:
            return self.env["res.partner"]
        tickets = incident.search(self._get_reading_tickets_domain())
        ids = set((tickets.commercial_partner_id | tickets.partner_id.commercial_partner_id).ids)
        if contacts := self._sql_reading_contacts():
            rows = self.env.execute_query(
                SQL(
                    """SELECT partner.commercial_partner_id FROM (%s) AS contact
                       JOIN res_partner partner ON partner.id = contact.partner_id
                       WHERE contact.email IS NOT NULL""",
                    contacts,
                )
            )
            ids.update(id_ for (id_,) in rows)
        return self.env["res.partner"].search([("id", "in", list(ids))], order="name, id")

    def action_open_readers(self):
        """List the accounts that would read it."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("base.action_partner_form"),
            "display_name": self.env._("Who Reads It"),
            "domain": [("id", "in", self._find_reading_accounts().ids)],
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "context": {},
        }
