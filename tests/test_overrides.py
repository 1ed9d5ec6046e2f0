"""`make lint` finds a method that an addon defines twice for one model."""

import pytest
from groundwork.overrides import override_findings

TICKET = """
class Ticket(models.Model):
    _name = "ticket"
    _inherit = ["mail.thread"]
    _bounds = {"hours": (0, 24)}
    _order = "id"
    name = fields.Char()

    def write(self, vals):
        return super().write(vals)
"""
EXTENSION = """
class Ticket(models.Model):
    _inherit = "ticket"
    %s
"""


@pytest.fixture
def addons(tmp_path):
    """Writes files of addons and returns what is found in them."""

    def find(**extensions):
        files = {
            "desk/models/ticket.py": TICKET,
            **{
                f"{path.replace('__', '/')}.py": EXTENSION % text
                for path, text in extensions.items()
            },
        }
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            (tmp_path / path.split("/")[0] / "__manifest__.py").write_text("{}")
        return override_findings(tmp_path)

    return find


def test_a_second_method_is_refused_with_both_places(addons):
    [finding] = addons(desk__models__sla__ticket_sla="def write(self, vals): ...")
    assert finding == (
        "desk: ticket.write is defined more than once: "
        "desk/models/sla/ticket_sla.py:4, desk/models/ticket.py:9"
    )


@pytest.mark.parametrize(
    "text", ["@api.model\n    def name(self): ...", "_order = 'name'", "name = fields.Text()"]
)
def test_so_are_attributes_and_fields(addons, text):
    [finding] = addons(desk__wizard__close=text)
    assert finding.startswith("desk: ticket.")


@pytest.mark.parametrize(
    "path, text",
    [
        ("desk__models__more", "def close(self): ..."),
        # collected from all classes by the guard
        ("desk__models__more", "_bounds = {'days': (0, 7)}"),
        ("desk__tests__test_ticket", "def write(self, vals): ..."),
        # the order of addons is declared: they depend on one another
        ("billing__models__ticket", "def write(self, vals): ..."),
    ],
)
def test_what_may_be(addons, path, text):
    assert addons(**{path: text}) == []
