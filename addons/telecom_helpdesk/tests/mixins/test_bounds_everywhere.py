from datetime import datetime, time, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...tools.bounds import DAYS, INSTANTS, NUMBERS
from ..common import HelpdeskCase

BAD = {
    "date": ["0001-01-01", "9999-12-31", "2026-02-30"],
    "datetime": ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "soon"],
    "integer": [2**31, -(2**31) - 1, 10**30],
    "float": [float("nan"), float("inf"), float("-inf"), 1e308],
    "monetary": [float("nan"), float("inf"), 1e308],
}
# Inside of what their types allow; what a field refuses of it, it refuses in words.
ODD = {
    "date": ["1900-01-01", "2100-12-31"],
    "datetime": ["1970-01-01 00:00:00", "2100-12-31 23:59:59"],
    "integer": [-1, 1_000_000, -1_000_000],
    "float": [-1.0, 100_000.0, -100_000.0, 1e-300],
    "monetary": [-1.0, 1e12],
}


@tagged("standard", "post_install", "-at_install")
class TestBoundsEverywhere(HelpdeskCase):
    """No number and no instant that somebody puts into a field ends in an error of the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(service_id=cls.service_voice.id)
        cls.make_contract(cls.customer)
        cls.maintenance = cls.make_ticket(
            name="Works",
            partner_id=False,
            incident_kind="maintenance",
            planned_from="2030-03-02 22:00:00",
            planned_to="2030-03-03 02:00:00",
        )
        cls.env["telecom.ticket.rule"].create(
            {
                "name": "Rule", "trigger": "on_time", "after_value": 1, "measure": "since_created",
                "escalate": True,
            }
        )  # fmt: skip

    def fields(self):
        """Pairs (model with a record if there is one, field) that people might write."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            own = name.startswith("telecom.")
            admin = model.with_user(self.env.ref("base.user_admin"))
            if model._abstract or not model._auto or not admin.has_access("read"):
                continue
            for field in model._fields.values():
                if (
                    field.type in NUMBERS | DAYS
                    and field.name not in ("id", "create_date", "write_date")
                    and (own or any(m.startswith("telecom_") for m in field._modules))
                    and not (field.compute and not field.store and not field.inverse)
                ):
                    yield model, field

    def test_every_number_that_people_enter_has_an_end_that_can_be_reckoned_with(self):
        """As seconds it fits into a column, and from the last day that can be entered on it leads
        to one that Python and PostgreSQL know."""
        seconds = {"hours": 3600, "minutes": 60, "days": 86400, "value": 60}
        last = datetime.combine(INSTANTS[1], time.max)
        seen = 0
        for model, field in self.fields():
            if field.type not in NUMBERS or field.readonly or model._is_software_owned:
                continue
            with self.subTest(field=str(field)):
                types, bounds = model._get_bounded_types(False)
                self.assertIn(field.name, types)
                _low, high = bounds.get(field.name, (None, None))
                high = NUMBERS[field.type] if high is None else high
                if field.type == "integer":
                    self.assertLess(high, 2**31)
                if factor := seconds.get(field.name.rsplit("_", 1)[-1]):
                    last + timedelta(seconds=high * factor)  # no OverflowError
                    if factor < 86400:
                        self.assertLess(high * factor, 2**31)
                for value in (99_999_999, 1_000_001.0, 1e13):
                    if value > high:
                        for name, call in self.calls(model, field, value):
                            self.assertTrue(self.attempt(call), f"{name} {value}")
                seen += 1
        self.assertGreater(seen, 20)

    def attempt(self, call):
        """Whether ``call`` was refused in words; any other error is the server's."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                call()
                self.env.flush_all()
        except (AccessError, UserError, ValidationError, IntegrityError):
            return True  # what a constraint of the database says reaches people in its words
        finally:
            self.env.invalidate_all()
        return False

    def calls(self, model, field, value):
        model = model.with_user(self.env.ref("base.user_admin"))
        record = model.with_context(active_test=False).search([], limit=1)
        spec = {name: {} for name, f in model._fields.items() if f.type in NUMBERS | DAYS}
        spec[field.name] = {}
        yield "create", lambda: model.create({field.name: value})
        if record:
            yield "write", lambda: record.write({field.name: value})
            yield "onchange", lambda: record.onchange({field.name: value}, [field.name], spec)
        else:
            yield "onchange", lambda: model.onchange({field.name: value}, [field.name], spec)

    def test_what_no_column_can_hold_is_refused_in_words(self):
        for model, field in self.fields():
            for value in BAD[field.type]:
                for name, call in self.calls(model, field, value):
                    with self.subTest(field=str(field), call=name, value=value):
                        self.assertTrue(self.attempt(call), "refused")

    def test_what_is_odd_is_taken_or_refused_in_words(self):
        for model, field in self.fields():
            for value in ODD[field.type]:
                for name, call in self.calls(model, field, value):
                    if name == "create":
                        continue  # what is required is missing, which the database says
                    with self.subTest(field=str(field), call=name, value=value):
                        self.attempt(call)
