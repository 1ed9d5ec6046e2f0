from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """A ticket's files are for those who have a part in its conversation."""
        if not (self.env.su or self.env["telecom.ticket"]._knows_conversation()):
            model_and_ids = dict(model_and_ids)
            for id_ in model_and_ids.pop("telecom.ticket", ()):
                yield "telecom.ticket", id_
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """Odoo filters by the document's own access rules, which know nothing of the conversation;
        ``bypass_access`` is its word for software that looks."""
        is_checked = not (self.env.su or bypass_access)
        if is_checked and not self.env["telecom.ticket"]._knows_conversation():
            domain = Domain(domain) & Domain("res_model", "!=", "telecom.ticket")
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent_by_customer(self):
        # Odoo lets whoever uploaded a file delete it from a message that is long out.
        if self.env.user.share and self.sudo().filtered(
            lambda file: file.res_model == "telecom.ticket" and file.res_id
        ):
            raise AccessError(self.env._("What was said stays. Write another message."))
