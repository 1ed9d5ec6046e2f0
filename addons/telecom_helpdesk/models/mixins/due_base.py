from odoo import api, models


class TelecomDueBase(models.AbstractModel):
    """Shared by rows that are due and by records that own such rows."""

    _name = "telecom.due.base"
    _description = "Due Base"

    @api.model
    def _due_now(self):
        """Instant of the current transaction on the database server, in whole seconds."""
        return self.env.cr.now().replace(microsecond=0)

    def _write_due(self, vals):
        """Write bookkeeping straight to the ORM: no tracking, no follow-up of its own."""
        models.BaseModel.write(self.sudo(), vals)

    def _get_due_responsible(self):
        """User who is notified when an automatic step has failed for good."""
        self.ensure_one()
        company = self.company_id if "company_id" in self._fields else None
        return self.env["telecom.agent"]._get_people_to_notify(company=company)[:1]
