from odoo import api, models


class TelecomDemo(models.AbstractModel):
    """Door through which the demo files call the loaders, which are imported only then."""

    _name = "telecom.demo"
    _description = "Helpdesk Demo Data"

    @api.model
    def _load_languages(self):
        """Activate the languages that the demo's people speak, with their translations."""
        codes = ["en_US", "fr_FR", "de_DE"]
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        absent = [code for code in codes if code not in installed]
        for code in absent:
            self.env["res.lang"]._activate_lang(code)
        if absent:
            modules = self.env["ir.module.module"].search([("state", "=", "installed")])
            modules._update_translations(absent)

    @api.model
    def _load_chart_of_accounts(self):
        from .loaders import accounting

        accounting.load_chart(self._operator_env())

    @api.model
    def _load_registry(self):
        from .loaders import registry

        registry.load(self._operator_env())

    @api.model
    def _load_invoices(self):
        from .loaders import accounting

        accounting.load_invoices(self._operator_env())

    @api.model
    def _load_tickets(self):
        from .loaders import tickets

        tickets.load(self._operator_env())

    @api.model
    def _operator_env(self):
        company = self.env.ref("telecom_helpdesk.company_operator")
        return self.with_company(company).with_context(allowed_company_ids=company.ids).env
