import re
from contextlib import contextmanager
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import SlaCase, frozen

LOW, NORMAL, HIGH, CRITICAL = "0", "1", "2", "3"

# Policies in their order, by name: what each asks for.
POLICIES = {
    "trunks": {"tier": "premium", "service": "voice"},
    "contract": {"contract": "office"},
    "outages": {"category": "internet"},
    "premium": {"tier": "premium"},
    "internet desk": {"team": "internet"},
    "either": {"tier": "standard", "service": "voice internet"},
}
# What a ticket has, and which of the above is for it.
TICKETS = [
    ({}, None),
    ({"tier": "premium"}, "premium"),
    ({"tier": "premium", "service": "voice"}, "trunks"),
    ({"tier": "premium", "service": "internet"}, "premium"),
    ({"tier": "standard", "service": "voice"}, "either"),
    ({"tier": "standard", "service": "internet"}, "either"),
    ({"tier": "standard"}, None),
    ({"service": "voice"}, None),
    ({"contract": "office"}, "contract"),
    ({"contract": "office", "tier": "premium"}, "contract"),
    ({"contract": "office", "tier": "premium", "service": "voice"}, "trunks"),
    ({"category": "internet"}, "outages"),
    ({"category": "down", "tier": "premium"}, "outages"),
    ({"category": "telephony"}, None),
    ({"team": "internet"}, "internet desk"),
    ({"team": "internet", "tier": "premium"}, "premium"),
]


class PolicyCase(SlaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ref = cls.env.ref
        cls.premium = ref("telecom_helpdesk.tier_premium")
        cls.standard = ref("telecom_helpdesk.tier_standard")
        cls.premium.minimum_priority = LOW
        cls.office = ref("telecom_helpdesk.contract_type_office")
        cls.internet = ref("telecom_helpdesk.category_internet")
        cls.internet_down = ref("telecom_helpdesk.category_internet_down")
        cls.telephony = ref("telecom_helpdesk.category_telephony")
        categories = cls.internet | cls.internet_down | cls.telephony
        categories.write({"default_team_id": False, "default_priority": False})

    def notes(self, ticket, before=0):
        """Texts of the notes about promises in the thread of ``ticket``, oldest first."""
        messages = ticket.message_ids.sorted("id").filtered(lambda m: m.id > before)
        texts = [" ".join(re.sub("<[^>]+>", " ", message.body).split()) for message in messages]
        return [text for text in texts if text.startswith("SLA policy")]


class TestPolicyMatching(PolicyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.things = {
            "tier": {"premium": cls.premium, "standard": cls.standard},
            "contract": {"office": cls.office},
            "service": {"voice": cls.type_voice, "internet": cls.type_internet},
            "category": {
                "internet": cls.internet,
                "down": cls.internet_down,
                "telephony": cls.telephony,
            },
            "team": {"voice": cls.team_voice, "internet": cls.team_internet},
        }

    def make_table(self):
        fields = {
            "tier": "tier_ids",
            "contract": "contract_type_ids",
            "service": "service_type_ids",
            "category": "category_ids",
            "team": "team_ids",
        }
        for sequence, (name, criteria) in enumerate(POLICIES.items()):
            values = {
                fields[kind]: [
                    Command.set([self.things[kind][key].id for key in keys.split()]),
                ]
                for kind, keys in criteria.items()
            }
            self.make_policy(name, sequence=sequence, **values)

    def test_first_policy_that_matches_applies(self):
        self.make_table()
        services = {"voice": self.service_voice, "internet": self.service_internet}
        teams = self.things["team"]
        for facts, expected in TICKETS:
            with self.subTest(**facts):
                customer = self.make_partner("Initech", is_company=True)
                customer.telecom_tier_id = self.things["tier"].get(facts.get("tier"))
                if facts.get("contract"):
                    self.make_contract(customer)
                service = services.get(facts.get("service"))
                if service:
                    service = self.make_service(f"S-{customer.id}", service.type_id, customer)
                ticket = self.make_ticket(
                    partner_id=customer.id,
                    service_id=service and service.id,
                    category_id=self.things["category"]
                    .get(facts.get("category"), self.telephony.browse())
                    .id,
                    team_id=teams[facts.get("team", "voice")].id,
                )
                self.assertEqual(ticket.sla_policy_id.name or None, expected)

    def test_premium_is_promised_2_hours_and_standard_8_in_the_form(self):
        for tier in ("premium", "standard"):
            policy = self.env.ref(f"telecom_helpdesk_sla.sla_policy_{tier}")
            # Of the demo operator, where that is.
            policy.write(
                {"active": True, "calendar_id": self.paris.id, "company_id": self.company.id}
            )
        self.premium.minimum_priority = HIGH  # as it is shipped
        expected = {self.premium: ("Premium", 2), self.standard: ("Standard", 8)}
        for tier, (name, hours) in expected.items():
            with self.subTest(tier=tier.name):
                self.customer.telecom_tier_id = tier
                form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
                form.name = "No dial tone"
                form.team_id = self.team_voice
                form.partner_id = self.customer_contact
                ticket = form.save()
                self.assertEqual(ticket.sla_policy_id.name, name)
                self.assertEqual(self.clock(ticket, "first_response").target_seconds, hours * 3600)
                self.assertIn(f"{name}: tier {name}.", ticket.sla_explanation)
                self.assertIn(f"first response {hours} h", ticket.sla_explanation)

    def test_mail_of_a_premium_customer_is_promised_2_hours(self):
        self.make_policy("Premium", {HIGH: (2, 4, 8)}, tier_ids=[Command.link(self.premium.id)])
        self.make_policy("Standard", {NORMAL: (8, 10, 30)}, sequence=20)
        self.premium.minimum_priority = HIGH
        self.customer.telecom_tier_id = self.premium
        expected = {
            self.customer_contact: ("Premium", 2),
            self.portal_other.partner_id: ("Standard", 8),
        }
        for contact, (name, hours) in expected.items():
            mail = (
                f"From: {contact.email_formatted}\nTo: support@operator.example.com\n"
                f"Subject: No dial tone\nMessage-ID: <{contact.id}@customer.example.com>\n\nHelp!"
            )
            id_ = self.env["mail.thread"].message_process("telecom.ticket", mail)
            ticket = self.env["telecom.ticket"].browse(id_)
            self.assertEqual(ticket.sla_policy_id.name, name)
            self.assertEqual(self.clock(ticket, "first_response").target_seconds, hours * 3600)
            self.assertEqual(ticket.sla_term_id.at, ticket.create_date.replace(microsecond=0))
            self.assertFalse(self.notes(ticket), "first terms need no note")

    def test_target_of_the_priority_and_its_own_hours(self):
        policy = self.make_policy(
            "Split", {HIGH: (1, 2, 4), NORMAL: (2, 0, 8)}, calendar_id=self.paris.id
        )
        high, normal = policy.target_ids.sorted("priority", reverse=True)
        high.is_always = True
        expected = {
            CRITICAL: (self.paris.id, 0, 0, 0),
            HIGH: (False, 3600, 7200, 14400),
            NORMAL: (self.paris.id, 7200, 0, 28800),
        }
        for priority, (calendar, first, following, resolution) in expected.items():
            terms = self.make_ticket(priority=priority).sla_term_id
            figures = [
                terms[name]
                for name in (
                    "first_response_seconds",
                    "next_response_seconds",
                    "resolution_seconds",
                )
            ]
            self.assertEqual(
                (terms.calendar_id.id, figures), (calendar, [first, following, resolution])
            )
        normal.calendar_id = self.berlin
        self.assertEqual(self.make_ticket(priority=NORMAL).sla_term_id.calendar_id, self.berlin)

    def test_half_hours_and_minutes_are_kept_to_the_second(self):
        self.make_policy(targets=dict.fromkeys("0123", (1 / 3, 0.75, 1.1)))
        terms = self.make_ticket().sla_term_id
        self.assertEqual(
            (terms.first_response_seconds, terms.next_response_seconds, terms.resolution_seconds),
            (1200, 2700, 3960),
        )

    def test_archived_policy_and_no_policy(self):
        policy = self.make_policy()
        policy.active = False
        ticket = self.make_ticket()
        self.assertFalse(ticket.sla_policy_id)
        self.assertFalse(ticket.sla_term_id)
        self.assertEqual(ticket.sla_state, "none")

    def test_cost_is_the_same_for_one_ticket_and_for_200_with_100_policies(self):
        for number in range(100):
            self.make_policy(
                f"Policy {number}",
                {NORMAL: (1, 2, 8)},
                sequence=number,
                tier_ids=[Command.link(self.premium.id)],
                service_type_ids=[Command.link(self.type_voice.id)],
                contract_type_ids=[Command.link(self.office.id)],
                category_ids=[Command.link(self.internet.id)],
            )
        self.make_contract(self.customer)
        self.customer.telecom_tier_id = self.premium
        ticket = self.make_ticket(
            service_id=self.service_voice.id, category_id=self.internet_down.id
        )
        tickets = self.copy_ticket(ticket, 200)
        policies = self.env["telecom.sla.policy"]
        counts = []
        for batch in (ticket, tickets):
            self.env.flush_all()
            policies._match(batch)  # compiled
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = policies._match(batch)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(
                {terms["policy_id"] for terms in found.values()},
                {policies.search([("name", "=", "Policy 0")]).id},
            )
        # Tickets, services, contracts, categories.
        self.assertLessEqual(max(counts), 4)
        before = self.env.cr.sql_log_count
        policies._match(tickets)
        self.assertEqual(self.env.cr.sql_log_count, before, "no query where all is at hand")


class TestPolicyRematch(PolicyCase):
    """Whatever changes what policies go by, the ticket follows, and its thread says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.lang = "en_US"
        cls.default = cls.make_policy("Default", sequence=1000, calendar_id=cls.paris.id)

    def make_special(self, **values):
        return self.make_policy(
            "Special", dict.fromkeys("0123", (0.5, 1, 4)), sequence=1, calendar_id=self.paris.id,
            **values,
        )  # fmt: skip

    def assert_followed(self, ticket, policy):
        self.assertEqual(ticket.sla_policy_id, policy)
        [note] = self.notes(ticket)[-1:]
        self.assertIn(f"→ {policy.name}", note)

    def test_tier_of_the_customer(self):
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        ticket, done = self.make_ticket(), self.make_ticket()
        done.action_resolve()
        self.customer.telecom_tier_id = self.premium
        self.assert_followed(ticket, special)
        self.assertEqual(done.sla_policy_id, self.default, "done under what it was promised")
        self.assertFalse(self.notes(done))

    def test_tier_of_the_contract_type_and_type_of_the_contract(self):
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        contract = self.make_contract(self.customer)
        ticket = self.make_ticket()
        self.office.tier_id = self.premium
        self.assert_followed(ticket, special)
        contract.type_id = self.env["telecom.contract.type"].create({"name": "Best Effort"})
        self.assert_followed(ticket, self.default)

    def test_contract_type_that_a_policy_is_for(self):
        round_the_clock = self.env.ref("telecom_helpdesk.contract_type_round_the_clock")
        special = self.make_special(contract_type_ids=[Command.link(round_the_clock.id)])
        contract = self.make_contract(self.customer)
        ticket = self.make_ticket()
        contract.type_id = round_the_clock
        self.assert_followed(ticket, special)
        ticket.with_user(self.agent_voice).contract_id = False
        self.assert_followed(ticket, self.default)

    def test_service_and_its_type(self):
        special = self.make_special(service_type_ids=[Command.link(self.type_voice.id)])
        ticket = self.make_ticket()
        with Form(ticket.with_user(self.agent_voice)) as form:
            form.service_id = self.service_voice
        self.assert_followed(ticket, special)
        self.service_voice.type_id = self.type_internet
        self.assert_followed(ticket, self.default)

    def test_category_and_its_place_in_the_tree(self):
        special = self.make_special(category_ids=[Command.link(self.internet.id)])
        ticket = self.make_ticket()
        ticket.with_user(self.agent_voice).category_id = self.internet_down
        self.assert_followed(ticket, special)
        self.internet_down.parent_id = self.telephony
        self.assert_followed(ticket, self.default)

    def test_team_of_an_agent_who_then_no_longer_sees_it(self):
        special = self.make_special(team_ids=[Command.link(self.team_internet.id)])
        ticket = self.make_ticket()
        ticket.with_user(self.agent_voice).team_id = self.team_internet
        self.assert_followed(ticket, special)

    def test_customer_who_becomes_known_and_one_chosen_by_mistake(self):
        self.default.active = False
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        self.customer.telecom_tier_id = self.premium
        with frozen("2026-07-13 07:00:00"):  # Monday, 9:00 in Paris
            ticket = self.make_ticket(partner_id=False)
            self.assertFalse(ticket.sla_policy_id)
        with frozen("2026-07-13 07:20:00"):
            ticket.with_user(self.agent_voice).partner_id = self.customer_contact
            # First terms count from the beginning.
            self.assertEqual(str(self.clock(ticket).started_at), "2026-07-13 07:00:00")
            self.assertEqual(
                self.notes(ticket),
                [
                    (
                        "SLA policy: none → Special First Response: none → Mon, Jul 13, 9:30 AM "
                        "Resolution: none → Mon, Jul 13, 2:30 PM Times: Europe/Paris"
                    )
                ],
            )
            self.assertEqual(ticket.sla_policy_id, special)
        with frozen("2026-07-13 07:25:00"):
            ticket.with_user(self.agent_voice).partner_id = self.portal_other.partner_id
            self.assertFalse(ticket.sla_policy_id)
            self.assertEqual(self.clock(ticket).state, "void")
            self.assertIn("Resolution: Mon, Jul 13, 2:30 PM → none", self.notes(ticket)[-1])
            self.assertEqual(ticket.sla_state, "none")

    def test_priority_by_hand_by_matrix_and_by_rule(self):
        self.default.target_ids.unlink()
        for number, hours in (("0", 16), ("1", 8), ("2", 4), ("3", 2)):
            self.default.target_ids.create(
                {"policy_id": self.default.id, "priority": number, "resolution_hours": hours}
            )
        changes = (
            lambda ticket: ticket.with_user(self.agent_voice).write({"priority": HIGH}),
            lambda ticket: ticket.with_user(self.agent_voice).write(
                {"impact": "high", "urgency": "medium"}
            ),
            lambda ticket: ticket._raise_priority(HIGH),
        )
        for change in changes:
            with frozen("2026-07-13 07:00:00"):  # Monday; Tuesday is Bastille Day
                ticket = self.make_ticket()
                self.assert_clock(self.clock(ticket), "running", deadline="2026-07-15 07:30:00")
            with frozen("2026-07-13 08:00:00"):
                change(ticket)
                self.assertEqual(ticket.priority, HIGH)
                self.assert_clock(self.clock(ticket), "running", deadline="2026-07-13 12:30:00")
                self.assertEqual(
                    self.notes(ticket),
                    [
                        (
                            "SLA policy Default Resolution: Wed, Jul 15, 9:30 AM → "
                            "Mon, Jul 13, 2:30 PM Times: Europe/Paris"
                        )
                    ],
                )

    def test_rule_that_raises_a_new_ticket_leaves_no_note_of_two_promises(self):
        self.env["telecom.ticket.rule"].create(
            {"name": "Dial tone", "keywords": "dial tone", "set_minimum_priority": CRITICAL}
        )
        ticket = self.make_ticket()
        self.assertEqual(ticket.priority, CRITICAL)
        terms = self.env["telecom.sla.term"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(terms.priority, CRITICAL)
        self.assertEqual(len(terms), 1)
        self.assertFalse(self.notes(ticket))

    def test_ticket_follows_its_contact_into_another_account(self):
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        partner = self.make_partner("Paula Private")
        ticket = self.make_ticket(partner_id=partner.id)
        self.customer.telecom_tier_id = self.premium
        partner.parent_id = self.customer
        self.assertEqual(ticket.tier_id, self.premium)
        self.assert_followed(ticket, special)
        self.assert_rebuilds(ticket)

    def test_reopened_ticket_is_promised_what_applies_by_then(self):
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        ticket = self.make_ticket()
        ticket.action_resolve()
        self.customer.telecom_tier_id = self.premium
        self.assertEqual(ticket.sla_policy_id, self.default)
        self.customer_writes(ticket)
        self.assertEqual((ticket.state, ticket.tier_id), ("open", self.premium))
        self.assert_followed(ticket, special)
        self.assert_rebuilds(ticket)

    def test_paused_ticket_says_what_is_left(self):
        special = self.make_special(tier_ids=[Command.link(self.premium.id)])
        with frozen("2026-07-13 07:00:00"):
            ticket = self.make_ticket()
        with frozen("2026-07-13 07:10:00"):
            self.agent_replies(ticket)
            self.set_state(ticket, "waiting_customer")
            self.customer.telecom_tier_id = self.premium
        self.assert_followed(ticket, special)
        self.assertIn(
            "Resolution: 7 h 50 min left, paused → 3 h 50 min left, paused", self.notes(ticket)[0]
        )

    def test_change_that_nobody_sees_leaves_no_note_and_no_terms(self):
        self.make_special(tier_ids=[Command.link(self.premium.id)])
        ticket = self.make_ticket()
        terms = ticket.sla_term_id
        ticket.with_user(self.agent_voice).write({"category_id": self.telephony.id})
        self.assertEqual(ticket.sla_term_id, terms)
        self.default.write({"warn_percent": 50})
        ticket._agree_sla_terms()
        self.assertEqual(ticket.sla_term_id.warn_percent, 50)
        self.assertFalse(self.notes(ticket))

    def test_note_is_in_the_companys_language_and_the_hours_time_zone(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.company.partner_id.lang = "fr_FR"
        berlin = self.make_special(tier_ids=[Command.link(self.premium.id)])
        berlin.calendar_id = self.make_calendar(
            "Helsinki", "Europe/Helsinki", {("0", "1", "2", "3", "4"): ((8, 18),)}
        )
        with frozen("2026-07-13 07:00:00"):
            ticket = self.make_ticket()
            self.customer.telecom_tier_id = self.premium
            [note] = self.notes(ticket) or [ticket.message_ids[0].preview]
        self.assertIn("lun. 13 juil., 14:00", note)
        self.assertIn("Europe/Helsinki", note)
        self.assertEqual(ticket.message_ids[0].author_id, self.env.ref("base.partner_root"))

    def test_write_without_bearing_on_policies_costs_no_match(self):
        ticket = self.make_ticket()
        agent_ticket = ticket.with_user(self.agent_voice)
        self.env.flush_all()
        policies = type(self.env["telecom.sla.policy"])
        with patch.object(policies, "_match", side_effect=AssertionError) as match:
            agent_ticket.write({"name": "Still no dial tone", "user_id": self.agent_voice.id})
            self.set_state(ticket, "open")
            self.agent_replies(ticket)
            self.customer_writes(ticket)
        match.assert_not_called()


class TestPolicyExplanation(PolicyCase):
    def test_which_policy_and_why(self):
        policy = self.make_policy(
            "Premium Voice",
            {NORMAL: (1, 0, 4.5)},
            calendar_id=self.paris.id,
            tier_ids=[Command.set((self.premium | self.standard).ids)],
            service_type_ids=[Command.link(self.type_voice.id)],
        )
        self.customer.telecom_tier_id = self.premium
        ticket = self.make_ticket(service_id=self.service_voice.id)
        self.assertEqual(
            ticket.with_user(self.agent_voice).sla_explanation,
            "Premium Voice: tier Premium, service type SIP Trunk. For Normal: first response 1 h, "
            "resolution 4 h 30 min, in “Paris”.",
        )
        policy.calendar_id = False
        ticket._agree_sla_terms()
        self.assertTrue(ticket.sla_explanation.endswith(", around the clock."))
        ticket.priority = LOW
        self.assertTrue(ticket.sla_explanation.endswith("Nothing is promised for Low."))

    def test_why_none_applies(self):
        ticket = self.make_ticket()
        self.assertEqual(ticket.sla_explanation, "No SLA policy is set up for this company.")
        self.make_policy("Premium", tier_ids=[Command.link(self.premium.id)])
        self.make_policy(
            "Voice",
            service_type_ids=[Command.set((self.type_voice | self.type_internet).ids)],
        )
        self.env.invalidate_all()
        self.assertEqual(
            ticket.sla_explanation,
            "No SLA policy applies: “Premium” is for tier Premium, “Voice” is for service type "
            "Broadband or SIP Trunk.",
        )
        self.make_policy("Everybody")
        self.env.invalidate_all()
        self.assertEqual(ticket.sla_explanation, "“Everybody” is about to apply.")

    def test_policy_for_everybody(self):
        self.make_policy("Everybody")
        self.assertIn(
            "Everybody: for every ticket. For Normal:", self.make_ticket().sla_explanation
        )


class TestPolicyTrial(PolicyCase):
    """Which open tickets a policy would apply to, before it is saved."""

    def dry_run(self, changes, policy=None, user=None):
        policies = (policy or self.env["telecom.sla.policy"]).with_user(user or self.manager)
        result = policies.dry_run(changes)
        return result, {group["title"]: group for group in result["groups"]}

    def test_new_policy_and_one_that_changes(self):
        first = self.make_policy(
            "Internet", sequence=5, team_ids=[Command.link(self.team_internet.id)]
        )
        default = self.make_policy("Default", sequence=100)
        self.customer.telecom_tier_id = self.premium
        caught, taken = self.make_ticket(), self.make_ticket(team_id=self.team_internet.id)
        done = self.make_ticket()
        done.action_cancel()
        self.make_ticket(partner_id=self.other_customer.id)
        changes = {"name": "New", "sequence": 50, "tier_ids": [Command.set(self.premium.ids)]}
        result, groups = self.dry_run(changes)
        self.assertEqual(groups["It applies to"]["ids"], caught.ids)
        self.assertEqual(groups["It applies to"]["lines"][0]["reason"], "so far: Default")
        self.assertEqual(groups["It would match as well"]["ids"], taken.ids)
        [line] = groups["It would match as well"]["lines"]
        self.assertEqual(line["reason"], "“Internet” comes first")
        self.assertEqual(result["looked_at"], result["open_count"])
        _result, groups = self.dry_run({**changes, "sequence": 1})
        self.assertEqual(groups["It applies to"]["count"], 2)
        self.assertEqual(caught.sla_policy_id, default, "a trial changes nothing")

        nobody = {"tier_ids": [Command.set(self.standard.ids)]}
        result, groups = self.dry_run(nobody, first)
        self.assertFalse(groups)
        self.assertEqual(first.team_ids, self.team_internet)

    def test_how_many_would_be_missed_at_once(self):
        """As many as are missed when the policy is saved."""
        self.make_policy("Default", sequence=100)
        with frozen("2026-03-02 08:00:00"):
            old, answered, waiting, done = (self.make_ticket() for _number in range(4))
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(answered)
            self.agent_replies(waiting)
            self.set_state(waiting, "waiting_customer")
            self.agent_replies(done)
            done.with_user(self.agent_voice).action_resolve()
        with frozen("2026-03-02 08:50:00"):
            new = self.make_ticket()
            hours = {
                "first_response_hours": 0.5,
                "next_response_hours": 0,
                "resolution_hours": 0.75,
            }
            lines = [Command.create({"priority": priority, **hours}) for priority in "0123"]
            values = {"name": "Strict", "sequence": 1, "target_ids": [Command.clear(), *lines]}
            _result, groups = self.dry_run(values)
            group = groups["Breached at once, because the time is already over"]
            self.assertEqual((group["count"], set(group["ids"])), (2, set((old + answered).ids)))
            strict = self.env["telecom.sla.policy"].with_user(self.manager).create(values)
            self.env["telecom.sla.policy"]._plan_batch()
            tickets = old + answered + waiting + done + new
            missed = tickets.filtered(lambda ticket: ticket.sla_state == "breached")
            self.assertEqual(missed, old + answered)
            _result, groups = self.dry_run({}, strict)
            self.assertNotIn("Breached at once, because the time is already over", groups)

    def test_missed_at_once_where_nothing_was_promised(self):
        with frozen("2026-03-02 08:00:00"):
            old, answered = self.make_ticket(), self.make_ticket()
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(answered)
        with frozen("2026-03-02 10:00:00"):
            line = {"priority": NORMAL, "first_response_hours": 1, "resolution_hours": 8}
            values = {"name": "First", "target_ids": [Command.create(line)]}
            _result, groups = self.dry_run(values)
            group = groups["Breached at once, because the time is already over"]
            self.assertEqual(group["ids"], old.ids)

    def test_agent_may_not_try(self):
        with self.assertRaises(AccessError):
            self.dry_run({"name": "Mine"}, user=self.agent_voice)


class TestPolicyRefusals(PolicyCase):
    @contextmanager
    def refused(self, text):
        """What happens inside is refused, in words that match ``text``."""
        with self.assertRaisesRegex(UserError, text), mute_logger("odoo.sql_db"):
            try:
                with self.env.cr.savepoint():
                    yield
                    self.env.flush_all()
            except IntegrityError as error:
                # As Odoo does it for every request.
                named = (m for m in self.env.values() if m._table == error.diag.table_name)
                model = next(named, self.env["base"])
                raise UserError(model._sql_error_to_message(error)) from error

    def test_targets_that_cannot_be_meant(self):
        for figures, text in (
            ((-1, 0, 4), "cannot be negative"),
            ((0, 0, 0), "Nothing is promised for the priority High in “Standard”"),
            ((5, 0, 4), "answers later than it solves"),
            ((1, 5, 4), "answers later than it solves"),
        ):
            with self.subTest(figures=figures), self.refused(text):
                self.make_policy(targets={HIGH: figures})

    def test_two_lines_for_one_priority(self):
        policy = self.make_policy(targets={HIGH: (1, 2, 4)})
        with self.refused("one line for each priority"):
            policy.target_ids.create(
                {"policy_id": policy.id, "priority": HIGH, "resolution_hours": 2}
            )

    def test_alerts_that_cannot_be_meant(self):
        for values, text in (
            ({"warn_percent": 0}, "1 to 100"),
            ({"warn_percent": 101}, "1 to 100"),
            ({"imminent_minutes": -1}, "cannot be negative"),
        ):
            with self.subTest(**values), self.refused(text):
                self.make_policy(**values)

    def test_hours_in_which_nobody_works(self):
        empty = self.make_calendar("Nobody", "Europe/Paris", {})
        with self.refused("“Nobody” cannot be used for SLA policy “Standard”"):
            self.make_policy(calendar_id=empty.id)
        policy = self.make_policy(calendar_id=self.paris.id)
        with self.refused("“Nobody” cannot be used"):
            policy.target_ids[0].calendar_id = empty
        with self.refused("“Paris” cannot be used for SLA policy “Standard”"):
            self.paris.attendance_ids = [Command.clear()]

    def test_what_was_promised_is_archived_not_deleted(self):
        policy, unused = self.make_policy(), self.make_policy("Unused", sequence=99)
        ticket = self.make_ticket()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            policy.with_user(self.manager).unlink()
        unused.with_user(self.manager).unlink()
        self.assertEqual(ticket.sla_policy_id, policy)

    def test_a_policy_for_what_has_been_archived_is_not_for_everybody(self):
        kind = self.type_voice.copy()
        policy = self.make_policy("For one", sequence=0, service_type_ids=[Command.link(kind.id)])
        kind.active = False
        self.assertNotEqual(self.make_ticket().sla_policy_id, policy)

    def test_a_policy_for_a_team_that_is_archived_is_for_the_one_that_takes_over(self):
        policy = self.make_policy(sequence=0, team_ids=[Command.link(self.team_voice.id)])
        ticket = self.make_ticket()
        self.assertEqual(ticket.sla_policy_id, policy)
        self.team_voice._archive_for(self.team_internet)
        self.assertEqual(policy.team_ids, self.team_internet)
        self.assertEqual((ticket.team_id, ticket.sla_policy_id), (self.team_internet, policy))

    def test_what_a_policy_is_for_cannot_be_deleted(self):
        self.make_policy(service_type_ids=[Command.link(self.type_voice.copy().id)])
        with self.refused("is in use .SLA Policy: 1."):
            self.env["telecom.service.type"].search([], order="id desc", limit=1).unlink()

    def test_new_policy_has_a_line_for_each_priority(self):
        form = Form(self.env["telecom.sla.policy"].with_user(self.manager))
        form.name = "Gold"
        policy = form.save()
        self.assertEqual(policy.target_ids.mapped("priority"), [CRITICAL, HIGH, NORMAL, LOW])

    def test_agent_may_not_set_policies_up(self):
        policy = self.make_policy()
        with self.assertRaises(AccessError):
            policy.with_user(self.agent_voice).name = "Mine"
