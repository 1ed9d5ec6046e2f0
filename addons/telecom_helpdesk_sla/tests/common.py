from odoo.fields import Command
from odoo.tests import TransactionCase

from odoo.addons.telecom_helpdesk.tests.common import WEEKDAYS, HelpdeskCommon, by_seed, frozen

__all__ = ["SlaCase", "SlaCommon", "by_seed", "frozen"]

SATURDAY = "5"


class SlaCommon(HelpdeskCommon):
    """Working hours to promise by, and promises.

    ========== ==================================================================================
    ``paris``  Monday to Friday 9:00-12:00 and 13:30-18:00, Saturday 9:00-12:00; closed on
               Bastille Day (2026-07-14) for everybody
    ``berlin`` Monday to Friday 8:00-17:00; closed on German Unity Day (2026-10-03, a Saturday)
               and on Boxing Day (2026-12-26), in the company of these tests
    ========== ==================================================================================

    No policy is active but those that a test makes.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        split_day = ((9, 12), (13.5, 18))
        cls.paris = cls.make_calendar(
            "Paris", "Europe/Paris", {WEEKDAYS: split_day, SATURDAY: ((9, 12),)}
        )
        cls.make_holiday("Bastille Day", "2026-07-13 22:00:00", "2026-07-14 21:59:59", cls.paris)
        cls.berlin = cls.make_calendar("Berlin", "Europe/Berlin", {WEEKDAYS: ((8, 17),)})
        cls.make_holiday("Unity Day", "2026-10-02 22:00:00", "2026-10-03 21:59:59", cls.berlin)
        cls.make_holiday("Boxing Day", "2026-12-25 23:00:00", "2026-12-26 22:59:59", cls.berlin)
        # They are old: tests live in other times than the one in which they are set up.
        (cls.paris + cls.berlin).telecom_hours_changed_at = False
        cls.env.registry.clear_cache()

    @classmethod
    def make_policy(cls, name="Standard", targets=None, **values):
        """A policy for every ticket.

        :param targets: ``{priority: (hours to first response, next response, resolution)}``;
            by default 1, 2 and 8 hours for every priority
        """
        targets = targets or dict.fromkeys("0123", (1, 2, 8))
        return cls.quietly_create(
            "telecom.sla.policy",
            {
                "name": name,
                "target_ids": [
                    Command.create(
                        {
                            "priority": priority,
                            "first_response_hours": first,
                            "next_response_hours": following,
                            "resolution_hours": resolution,
                        }
                    )
                    for priority, (first, following, resolution) in targets.items()
                ],
                **values,
            },
        )

    @classmethod
    def promise(cls, ticket, first=0, following=0, resolution=0, calendar=None, **values):
        """Agree on terms for ``ticket`` past all policies, in hours; they hold from now on."""
        term = cls.env["telecom.sla.term"].create(
            {
                "ticket_id": ticket.id,
                "at": ticket._due_now(),
                "priority": ticket.priority,
                "calendar_id": calendar and calendar.id,
                "company_id": ticket.company_id.id,
                "first_response_seconds": first * 3600,
                "next_response_seconds": following * 3600,
                "resolution_seconds": resolution * 3600,
                "warn_percent": 75,
                "imminent_seconds": 1800,
                **values,
            }
        )
        ticket._write_due({"sla_term_id": term.id, "sla_policy_id": term.policy_id.id})
        ticket._apply_sla_terms()
        return term

    @classmethod
    def clock(cls, ticket, metric="resolution"):
        """The clock of ``ticket`` that counts ``metric``; of several the last."""
        return ticket.sla_clock_ids.filtered(lambda clock: clock.metric == metric)[-1:]

    @classmethod
    def set_state(cls, ticket, state, user=None):
        """``user`` (``agent_voice``) moves the card of ``ticket`` to another column."""
        ticket.with_user(user or cls.agent_voice).write({"stage_id": cls.stage(state).id})

    def assert_clock(self, clock, state, **values):
        """``clock`` is in ``state``; instants are given as texts (UTC), None for none."""
        self.assertEqual(clock.state, state)
        for name, value in values.items():
            stored = clock[name]
            if clock._fields[name].type == "datetime":
                stored = str(stored) if stored else None
            self.assertEqual(stored, value, name)

    def assert_rebuilds(self, tickets):
        """Every clock of ``tickets`` is what the logs say."""
        tickets._advance_sla(tickets._due_now())
        self.assertEqual(tickets._rebuild_sla(), {})


class SlaCase(SlaCommon, TransactionCase):
    """For tests of the backend."""
