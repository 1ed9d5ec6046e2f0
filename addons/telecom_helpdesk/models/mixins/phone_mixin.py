from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.phone_validation.tools import phone_validation

from ...tools import phone

# So many digits make a name that is searched for a telephone number.
SHORTEST_NUMBER = 6


class TelecomPhoneMixin(models.AbstractModel):
    """Numbers that are found however they are typed and however they are stored.

    Odoo keeps each number in its international form where it can be read so: by the country of
    the contact, else of their account, else of the company. What is typed is read by the
    countries of the user's companies; whatever cannot be read, or is only part of a number, is
    looked for digit by digit.
    """

    _name = "telecom.phone.mixin"
    _description = "Phone Number Mixin"
    _inherit = ["mail.thread.phone"]

    # Where the country of a number without a country code is looked for, the nearest first.
    _phone_countries = ("partner_id.country_id", "commercial_partner_id.country_id")

    phone_sanitized = fields.Char(index="trigram")

    @api.model
    def _phone_get_sanitize_triggers(self):
        return [*super()._phone_get_sanitize_triggers(), *self._phone_countries]

    def _phone_get_country(self):
        countries = {}
        for record in self:
            for path in (*self._phone_countries, "company_id.country_id"):
                if country := record.mapped(path)[:1]:
                    countries[record.id] = country
                    break
        return countries

    def _search_phone_mobile_search(self, operator, value):
        if isinstance(value, str) and operator in Domain.NEGATIVE_OPERATORS:
            positive = Domain.NEGATIVE_OPERATORS[operator]
            return ~Domain(self._search_phone_mobile_search(positive, value))
        typed = phone.read(value) if isinstance(value, str) else None
        if not typed or len(typed.core) < self._phone_search_min_length:
            return super()._search_phone_mobile_search(operator, value)
        forms, parts = self._get_forms(typed, is_whole=operator == "=")
        search_text = super()._search_phone_mobile_search
        as_text = Domain.OR(search_text("ilike", part) for part in parts)
        return Domain.OR(Domain("phone_sanitized", "=ilike", form) for form in forms) | (
            Domain("phone_sanitized", "=", False) & as_text
        )

    @api.model
    def _get_forms(self, typed, is_whole):
        """How a number may be stored: patterns of its sanitised form, and digits of one that could
        not be sanitised.

        :param typed: the number (``tools.phone.Typed``)
        :param is_whole: it is not part of a longer one
        """
        whole = self._read_number(typed)
        # In the place of a country code that nobody typed may be any, of up to three digits.
        codes = [""] if typed.is_international else ["_", "__", "___"] if is_whole else ["%"]
        forms = {*whole, *(f"+{code}{typed.core}{'' if is_whole else '%'}" for code in codes)}
        parts = set(whole.values())
        if not (whole and typed.is_international):
            parts.add(typed.core)
            if not is_whole:
                forms.add(f"%{typed.digits}%")
        return forms, parts

    @api.model
    def _read_number(self, typed):
        """The complete numbers that ``typed`` may be.

        :return: ``{international form ("+33199001234"): the same without country ("199001234")}``
        """
        whole = {}
        countries = self.env.companies.country_id
        for country in countries or [countries]:
            number = self._phone_format(number=typed.dialled, country=country)
            if number:
                data = phone_validation.phone_get_region_data_for_number(number)
                whole[number] = data["national_number"]
        return whole

    @api.model
    def _search_display_name(self, operator, value):
        """A telephone number is a name as well."""
        domain = super()._search_display_name(operator, value)
        typed = phone.read(value) if isinstance(value, str) and operator == "ilike" else None
        if typed and len(typed.core) >= SHORTEST_NUMBER:
            domain = Domain(domain) | self._search_phone_mobile_search("ilike", value)
        return domain
