from odoo import api, fields, models

from ..ticket.ticket_category import TIME_BILLING
from .contract import CARRY_OVERS, SHORT_PERIODS, UNITS


class TelecomContractType(models.Model):
    """Which hours such contracts have, and whether their work is billed."""

    _inherit = "telecom.contract.type"

    time_billing = fields.Selection(
        TIME_BILLING,
        string="Work Is",
        help="Whether customers pay for time under such contracts, where the ticket's category "
        "does not say. Empty: as the rate has it.",
    )
    support_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        index="btree_not_null",
        help="Work outside them is billed as out of hours. A midday break of up to two hours is "
        "within. Empty: the hours of the team, else of the company.",
    )

    support_always = fields.Boolean(
        string="Around the Clock",
        help="No work under such contracts is out of hours, at night or at the weekend.",
    )

    # Defaults of new contracts
    included_hours = fields.Float(
        help="Hours of support in each period that cost nothing more; a contract may differ."
    )
    included_unit = fields.Selection(UNITS, string="Per", required=True, default="month")
    included_carry_over = fields.Selection(
        CARRY_OVERS, string="Unused Hours", required=True, default="none"
    )
    included_short_periods = fields.Selection(
        SHORT_PERIODS,
        string="Short Last Period",
        required=True,
        default="full",
        help="Hours of a period that the end of the contract cuts short.",
    )
    included_out_of_hours = fields.Boolean(
        string="Cover Out-of-Hours Work", help="Otherwise work out of hours is always billed."
    )

    _included_hours_positive = models.Constraint(
        "CHECK (included_hours >= 0)", "Included hours cannot be negative."
    )

    @api.constrains("support_calendar_id")
    def _check_support_calendar(self):
        for kind in self.sudo():
            kind.support_calendar_id._check_has_hours(
                self.env._("contract type “%s”", kind.name),
                self.env._("Add hours to it, choose another, or none to use those of the team."),
            )
