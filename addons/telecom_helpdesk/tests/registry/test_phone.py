from lxml import etree

from odoo.tests import TransactionCase
from odoo.tools.safe_eval import safe_eval

from ...tools import phone
from ..common import HelpdeskCase

# One number as customers, agents and exchanges write it. The desk is in Belgium.
BELGIAN = (
    "+32 2 555 01 00", "0032 2 555 01 00", "+32 (0)2 555 01 00", "+32(0)25550100",
    "(+32) 2/555.01.00", "02 555 01 00", "02/555.01.00", "(02) 555-01-00", "025550100",
    "2 555 01 00", "tel:+3225550100", "+32\xa02\xa0555\xa001\xa000", "32 2 555 01 00",
    "+３２ ２ ５５５ ０１ ００",
)  # fmt: skip
GERMAN = (
    "+49 30 66969 900", "0049 30 66969900", "+49 (0)30 66969-900", "0049(0)30/66969900",
    "030/66969-900", "(030) 66969 900", "030 66969900", "+49.30.66969.900", "[+49] 30 66969 900",
)  # fmt: skip
PARTS = ("66969", "+49 30 669", "030 / 669", "69900", "0049 (0)30 6")


class TestPhone(HelpdeskCase):
    """A number is found in every spelling, whichever way it is stored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium, cls.germany = cls.env.ref("base.be"), cls.env.ref("base.de")
        cls.company.country_id = cls.belgium
        cls.berlin = cls.make_partner("Berlin", is_company=True, country_id=cls.germany.id)

    def search_box(self, model, field, typed):
        """Records that an agent's search box finds for the text ``typed`` at one of its lines."""
        records = self.env[model].with_user(self.agent_voice)
        node = etree.fromstring(records.get_view(view_type="search")["arch"]).find(
            f".//field[@name='{field}']"
        )
        template = node.get("filter_domain")
        domain = safe_eval(template, {"self": typed}) if template else [(field, "ilike", typed)]
        return records.search(domain)

    def assertFound(self, record, find, typed):
        self.env.flush_all()
        for text in typed:
            with self.subTest(typed=text):
                self.assertIn(record, find(text))

    def test_tickets(self):
        def find(text):
            return self.search_box("telecom.ticket", "phone_mobile_search", text)

        for stored in BELGIAN:
            ticket = self.make_ticket(partner_id=False, partner_phone=stored)
            with self.subTest(stored=stored):
                self.assertEqual(ticket.phone_sanitized, "+3225550100")
                self.assertFound(ticket, find, BELGIAN)
        contact = self.make_partner("Bruno", parent_id=self.berlin.id)
        for stored in GERMAN:
            ticket = self.make_ticket(partner_id=contact.id, partner_phone=stored)
            with self.subTest(stored=stored):
                self.assertEqual(ticket.phone_sanitized, "+493066969900")
                self.assertFound(ticket, find, GERMAN + PARTS)
        self.assertNotIn(ticket, find("+32 30 66969 900"), "another country")
        self.assertNotIn(ticket, find("02 555 01 00"))

    def test_contacts(self):
        for stored in ("030/66969-900", "+49 (0)30 66969 900"):
            contact = self.make_partner("Bruno", parent_id=self.berlin.id, phone=stored)
            self.env.flush_all()
            agent = contact.with_user(self.agent_voice)
            for typed in GERMAN + PARTS:
                with self.subTest(stored=stored, typed=typed):
                    found = agent.search([("phone_mobile_search", "ilike", typed)])
                    self.assertIn(contact, found)
                    if len(phone.read(typed).core) >= 6:
                        self.assertIn(contact.id, dict(agent.name_search(typed)))

    def test_services(self):
        for stored in ("030/66969-900", "+49 (0)30 66969 900"):
            service = self.make_service(stored, self.type_voice, self.berlin)
            ticket = self.make_ticket(partner_id=self.berlin.id, service_id=service.id)
            with self.subTest(stored=stored):
                self.assertFound(
                    service, lambda t: self.search_box("telecom.service", "identifier", t), GERMAN
                )
                for line in ("service_id", "phone_mobile_search"):
                    self.assertFound(
                        ticket,
                        lambda text, line=line: self.search_box("telecom.ticket", line, text),
                        GERMAN,
                    )
        self.assertFalse(self.service_voice.phone_sanitized, "no number")
        self.assertIn(
            self.service_voice, self.search_box("telecom.service", "identifier", "SIP-1001")
        )

    def test_number_follows_the_country(self):
        ticket = self.make_ticket(partner_id=self.berlin.id, partner_phone="030 66969900")
        self.berlin.country_id = self.belgium
        self.assertNotEqual(ticket.phone_sanitized, "+493066969900")
        self.berlin.country_id = self.germany
        self.assertEqual(ticket.phone_sanitized, "+493066969900")

    def test_what_is_no_number_is_found_as_text(self):
        for stored, typed in (
            ("ext. 4711", ("4711", "ext. 4711")),
            ("12345", ("12345", "234")),
            ("030/66 (night: 77 88)", ("7788", "030/66")),
        ):
            ticket = self.make_ticket(partner_id=False, partner_phone=stored)
            self.assertFalse(ticket.phone_sanitized)
            self.assertFound(
                ticket,
                lambda text: self.search_box("telecom.ticket", "phone_mobile_search", text),
                typed,
            )

    def test_conditions(self):
        """As rules and favourites compare: whole numbers, sets of them, and their contrary."""
        one = self.make_ticket(partner_id=False, partner_phone="02 555 01 00")
        two = self.make_ticket(partner_id=False, partner_phone="+32 2 555 01 99")
        self.env.flush_all()
        both = one + two
        for operator, value, found in (
            ("=", "+32 (0)2 555 01 00", one),
            ("=", "02/555.01.00", one),
            ("=", "55 01 00", both.browse()),
            ("!=", "02/555.01.00", two),
            ("in", ["02/555.01.00", "0032 2 555 01 99"], both),
            ("not in", ["02/555.01.00"], two),
            ("not ilike", "555 01 00", two),
            ("ilike", "555 01", both),
            ("=", False, both.browse()),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("id", "in", both.ids), ("phone_mobile_search", operator, value)]
                self.assertEqual(self.env["telecom.ticket"].search(domain), found.sorted())

    def test_desk_without_country(self):
        self.company.country_id = False
        ticket = self.make_ticket(partner_id=False, partner_phone="030/66969-900")
        self.assertFalse(ticket.phone_sanitized)
        self.assertFound(
            ticket,
            lambda text: self.search_box("telecom.ticket", "phone_mobile_search", text),
            GERMAN,
        )


class TestTyped(TransactionCase):
    def test_read(self):
        for text, expected in (
            ("+33 1 99", ("33199", "33199", True)),
            ("0033 (0)1 99", ("0033199", "33199", True)),
            ("(0)1 99", ("199", "199", False)),
            ("01/99.00", ("019900", "19900", False)),
            ("000", ("000", "", False)),
            ("", ("", "", False)),
        ):
            with self.subTest(text=text):
                self.assertEqual(tuple(phone.read(text)), expected)
        self.assertIsNone(phone.read("SIP-1001"))
