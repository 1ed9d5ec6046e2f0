from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class TelecomWizardMixin(models.AbstractModel):
    """A dialog: its row belongs to the user who opened it.

    Odoo lets everybody with the right to a dialog read and change everybody's rows.
    """

    _name = "telecom.wizard.mixin"
    _description = "Wizard Mixin"
    _inherit = ["telecom.guard.mixin"]

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids) or operation == "create":
            return result
        forbidden = result[0] if result else self.browse()
        others = self - forbidden
        others -= others.sudo().filtered(lambda row: row.create_uid.id == self.env.uid)
        if not others:
            return result
        return forbidden + others, lambda: AccessError(
            self.env._("This dialog is somebody else's. Open your own.")
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)
