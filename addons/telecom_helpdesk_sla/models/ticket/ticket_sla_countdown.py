from odoo import api, fields, models

from ..clock.sla_clock import URGENCIES
from ..clock.sla_clock_reading import to_epoch
from ..clock.sla_clock_store import CLOCK_FIELDS

# How far a page can count by itself until it is loaded again: a week of split days and more.
MOST_INTERVALS = 11


class TelecomTicket(models.Model):
    """The time that is left, for a page that goes on counting it."""

    _inherit = "telecom.ticket"

    sla_countdown = fields.Json(
        string="SLA Countdown",
        compute="_compute_sla_countdown",
        compute_sudo=True,
        exportable=False,
        help="Basis of the countdown in the browser.",
    )
    sla_percent = fields.Integer(
        string="SLA Time Used (%)",
        compute="_compute_sla_countdown",
        compute_sudo=True,
        help="Of the promise that is nearest to its deadline: share of its working time used up.",
    )

    # What is at risk and what is late, in the order in which it is worked off.
    _sla_at_risk = models.Index(
        "(sla_state, sla_deadline, id) WHERE sla_state IN ('warning', 'imminent', 'breached')"
    )

    @api.depends(
        "sla_state",
        "sla_clock_ids.state",
        "sla_clock_ids.consumed_seconds",
        "sla_clock_ids.running_since",
        "sla_clock_ids.term_id",
        "sla_clock_ids.reached_at",
        "sla_clock_ids.ended_at",
        "sla_clock_ids.waived_at",
    )
    @api.depends_context("lang")
    def _compute_sla_countdown(self):
        countdowns = self._get_sla_countdowns()
        for ticket in self:
            countdown = countdowns.get(ticket.id)
            clock = countdown["clocks"][0] if countdown and countdown["clocks"] else {}
            ticket.sla_countdown = countdown or False
            ticket.sla_percent = clock["used"] * 100 // clock["target"] if clock else 0

    def _get_sla_countdowns(self):
        """What is still promised for each ticket, as a page counts it down by itself.

        :return: by ticket id (those without promises are left out)::

                {"now": the server's instant, in seconds since 1970,
                 "state": the ticket's ``sla_state``,
                 "clocks": what is open, the most pressing first: what ``_describe_countdown``
                     says of it, its "label", and its "work": the next intervals of working
                     time ``[[start, stop], ...]`` in seconds since 1970; None: around the clock}
        """
        now = self._due_now()
        promised = self.filtered(lambda ticket: ticket.sla_state != "none")
        rows = self.env["telecom.sla.clock"].search_fetch(
            [
                ("ticket_id", "in", promised.ids),
                ("reached_at", "=", False),
                ("ended_at", "=", False),
                ("state", "!=", "void"),
                ("waived_at", "=", False),
            ],
            CLOCK_FIELDS,
        )
        metrics = dict(rows._fields["metric"]._description_selection(self.env))
        rows_of = rows.grouped("ticket_id")
        hours_of, work = {row: row._get_hours() for row in rows}, {}
        for hours in set(hours_of.values()):
            ahead = hours.ahead(now, MOST_INTERVALS)
            work[hours] = ahead and [[to_epoch(at) for at in pair] for pair in ahead]
        countdowns = {}
        for ticket in promised:
            clocks = sorted(
                rows_of.get(ticket, ()),
                key=lambda row: (
                    -URGENCIES.index(row._get_urgency(now)),
                    row.deadline or now,
                    row.target_seconds - row.consumed_seconds,
                ),
            )
            countdowns[ticket.id] = {
                "now": to_epoch(now),
                "state": ticket.sla_state,
                "clocks": [
                    {
                        **clock._describe_countdown(now),
                        "label": metrics[clock.metric],
                        "work": work[hours_of[clock]],
                    }
                    for clock in clocks
                ],
            }
        return countdowns
