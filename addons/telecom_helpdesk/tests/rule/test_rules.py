import base64
from email.header import Header
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ...models.rule import ticket_rule_firing
from ..common import HelpdeskCase, frozen

LOGGER = ticket_rule_firing.__name__


class RuleCase(HelpdeskCase):
    @classmethod
    def make_rule(cls, name="Rule", **values):
        """A rule, as the manager saves it; high priority where it does nothing else."""
        if not any(
            values.get(action)
            for action in cls.env["telecom.ticket.rule"]._fields
            if action.startswith(("set_", "add_", "escalate", "notify_"))
        ):
            values["set_minimum_priority"] = "2"
        rules = cls.env["telecom.ticket.rule"].with_user(cls.manager)
        return rules.create({"name": name, **values}).with_env(cls.env)

    @classmethod
    def make_alias(cls, team):
        domain = cls.env["mail.alias.domain"].search([], limit=1) or cls.env[
            "mail.alias.domain"
        ].create({"name": "operator.example.com"})
        cls.company.alias_domain_id = domain
        return cls.env["mail.alias"].create(
            {
                "alias_name": "rules-desk",
                "alias_domain_id": domain.id,
                "alias_model_id": cls.env["ir.model"]._get_id("telecom.ticket"),
                "alias_defaults": repr({"team_id": team.id}),
                "alias_contact": "everyone",
            }
        )

    def mail_opens(self, subject, body="Hello", **headers):
        """The ticket that a mail to the desk opens. ``subject`` goes into it as it is."""
        alias = self.env["mail.alias"].search([("alias_name", "=", "rules-desk")])
        alias = alias or self.make_alias(self.team_voice)
        before = self.env["telecom.ticket"].search([], order="id desc", limit=1).id or 0
        lines = {
            "From": self.customer_contact.email_formatted,
            "To": alias.alias_full_name,
            "Subject": subject,
            "Message-ID": f"<opens-{before}-{abs(hash(subject + body))}@customer.example.com>",
            "Content-Type": "text/plain; charset=utf-8",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        raw = "\n".join(f"{name}: {value}" for name, value in lines.items()) + f"\n\n{body}\n"
        self.env["mail.thread"].message_process(False, raw)
        self.env.flush_all()
        return self.env["telecom.ticket"].search([("id", ">", before)])

    def notes(self, ticket, words="Rule"):
        """Internal notes of ``ticket`` that hold ``words``, oldest first."""
        note = self.env.ref("mail.mt_note")
        messages = ticket.message_ids.filtered(
            lambda message: message.subtype_id == note and words in (message.body or "")
        )
        return messages.sorted("id")

    def assert_one_note(self, ticket, *texts):
        [note] = self.notes(ticket)
        for text in texts:
            self.assertIn(text, note.body)
        return note


class TestCreationRules(RuleCase):
    """What comes in is looked at, whatever the channel."""

    def test_words_of_a_logged_call_raise_the_priority(self):
        self.make_rule("Dial tone", keywords="no dial tone", set_minimum_priority="2")
        ticket = self.make_ticket(name="NO DIAL-TONE in Lyon")
        self.assertEqual(ticket.priority, "2")
        self.assertFalse(ticket.priority_by_hand)
        self.assertEqual(self.make_ticket(name="A dial tone, no sound").priority, "1")

    def test_kein_waehlton_in_a_folded_encoded_subject_of_a_mail(self):
        self.make_rule(keywords="kein Wählton", set_minimum_priority="3")
        text = "Seit heute früh in der ganzen Niederlassung Düsseldorf leider KEIN WÄHLTON mehr"
        subject = Header(text, "utf-8", maxlinelen=40).encode(linesep="\n")
        self.assertIn("\n =?utf-8?", subject)
        ticket = self.mail_opens(subject)
        self.assertEqual(ticket.name, text)
        self.assertEqual(ticket.priority, "3")
        self.assert_one_note(ticket, "“KEIN WÄHLTON”")

    def test_words_in_the_text_of_a_mail(self):
        rule = self.make_rule(keywords="pas de tonalité")
        body = base64.b64encode("Bonjour,\r\nPAS DE TONALITE depuis 8h.".encode("cp1252")).decode()
        headers = {
            "Content_Type": "text/plain; charset=iso-8859-1",
            "Content_Transfer_Encoding": "base64",
        }
        self.assertEqual(self.mail_opens("Au secours", body, **headers).priority, "2")
        rule.keywords_in_body = False
        self.assertEqual(self.mail_opens("Encore", body, **headers).priority, "1")

    def test_what_an_answer_quotes_does_not_count_what_is_forwarded_does(self):
        self.make_rule(keywords="outage")
        quote = "Thanks for your work.\n\n> There was an outage.\n> Regards"
        self.assertEqual(self.mail_opens("Re: your newsletter", quote).priority, "1")
        self.assertEqual(self.mail_opens("Fwd: trouble", quote).priority, "2")

    def test_shipped_rules_know_three_languages(self):
        rules = self.env["telecom.ticket.rule"].with_context(active_test=False)
        rules.search([("trigger", "=", "on_create")]).active = True
        for subject, expected in (
            ("pas de tonalité", "2"),
            ("Kein Wählton!", "2"),
            ("Outage in Leeds", "2"),
            ("URGENT", "2"),
            ("Internetausfall im Büro", "2"),
            ("Panne générale", "3"),
            ("Komplettausfall am Standort", "3"),
            ("Toll fraud on our PBX", "3"),
            ("Notruf nicht möglich", "3"),
            ("Un numéro de plus", "1"),
            ("Rechnung", "1"),
            ("Découpure", "1"),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(self.make_ticket(name=subject).priority, expected)

    def test_note_says_which_rule_why_and_what_changed(self):
        tag = self.env["telecom.ticket.tag"].create({"name": "Fibre cut"})
        rule = self.make_rule(
            "Cuts go to Internet",
            keywords="cut",
            domain=f"[('team_id', '=', {self.team_voice.id})]",
            set_minimum_priority="3",
            set_team_id=self.team_internet.id,
            set_user_id=self.agent_internet.id,
            add_tag_ids=[Command.link(tag.id)],
        )
        ticket = self.make_ticket(name="The fibre is CUT", description="<p>Cut at 8</p>")
        note = self.assert_one_note(
            ticket, "Cuts go to Internet", "in the subject: “CUT”", "in the text: “Cut”",
            "Team = Voice", "Priority: Normal → Critical", "Team: Voice → Internet",
            "Agent: none → Ivo Internet", "Tags: none → Fibre cut",
        )  # fmt: skip
        self.assertEqual(note.author_id, self.env.ref("base.partner_root"))
        self.assertFalse(note.tracking_value_ids)
        self.assertTrue(note.is_internal)
        [log] = rule.log_ids
        self.assertEqual((log.ticket_id, log.trigger), (ticket, "on_create"))
        self.assertIn("Priority: Normal → Critical", log.changes)
        self.assertIn("“CUT”", log.reason)
        self.assertEqual(rule.log_count, 1)

    def test_note_is_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        rule = self.make_rule("Outage", keywords="outage")
        rule.with_context(lang="fr_FR").name = "Panne"
        [note] = self.notes(self.mail_opens("Outage"), "Panne")
        self.assertIn("Règle", note.body)

    def test_priority_set_by_hand_stays(self):
        self.make_rule(keywords="outage", set_minimum_priority="3")
        ticket = self.make_ticket(name="outage", priority="0")
        self.assertEqual(ticket.priority, "0")
        self.assertFalse(self.notes(ticket))

    def test_rules_only_raise(self):
        self.make_rule("1", set_minimum_priority="3", set_support_level="2")
        self.make_rule("2", set_minimum_priority="1", set_support_level="1")
        ticket = self.make_ticket()
        self.assertEqual((ticket.priority, ticket.support_level), ("3", "2"))
        self.assertEqual(len(self.notes(ticket)), 1, "the second had nothing to do")

    def test_first_rule_that_routes_wins_and_later_ones_do_the_rest(self):
        second = self.make_rule(
            "Second", sequence=2, set_team_id=self.team_voice.id, set_minimum_priority="2"
        )
        self.make_rule("First", sequence=1, set_team_id=self.team_internet.id)
        third = self.make_rule("Third", sequence=3, set_user_id=self.agent_voice.id)
        ticket = self.make_ticket()
        self.assertEqual((ticket.team_id, ticket.priority), (self.team_internet, "2"))
        self.assertFalse(ticket.user_id)
        self.assertEqual(second.log_ids.changes, "Priority: Normal → High")
        self.assertFalse(third.log_ids)

    def test_later_rules_see_what_earlier_ones_did(self):
        self.make_rule("Words", sequence=1, keywords="outage", set_minimum_priority="3")
        self.make_rule(
            "Level", sequence=2, domain="[('priority', '=', '3')]", set_support_level="3"
        )
        self.assertEqual(self.make_ticket(name="outage").support_level, "3")

    def test_keywords_and_condition_must_both_hold(self):
        self.make_rule(keywords="outage", domain="[('channel', '=', 'phone')]")
        self.assertEqual(self.make_ticket(name="outage").priority, "1")
        self.assertEqual(self.make_ticket(channel="phone").priority, "1")
        self.assertEqual(self.make_ticket(name="outage", channel="phone").priority, "2")

    @frozen("2026-03-04 10:00:00")
    def test_condition_with_todays_date_is_worked_out_each_time(self):
        for domain in (
            "[('create_date', '>=', 'today')]",
            "[('create_date', '>=', context_today().strftime('%Y-%m-%d'))]",
        ):
            rule = self.make_rule(domain=domain)
            self.assertEqual(self.make_ticket().priority, "2", domain)
            rule.active = False

    def test_inactive_rules_and_other_companies_do_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.make_rule(company_id=self.company.id).active = False
        self.manager.company_ids += other
        self.make_rule(company_id=other.id)
        self.assertEqual(self.make_ticket().priority, "1")

    def test_tickets_of_another_company_do_not_go_to_our_team(self):
        self.make_rule(set_team_id=self.team_internet.id)
        other = self.env["res.company"].create({"name": "Other"})
        ticket = self.env["telecom.ticket"].create({"name": "Theirs", "company_id": other.id})
        self.assertFalse(ticket.team_id)

    def test_agent_who_may_not_take_the_level_is_not_given_the_ticket(self):
        self.make_rule("Level", sequence=1, set_support_level="3")
        self.make_rule("Agent", sequence=2, set_user_id=self.agent_voice.id)
        ticket = self.make_ticket()
        self.assertFalse(ticket.user_id)
        self.assertIn("Not assigned to Vera Voice", self.notes(ticket)[1].body)

    def test_manager_is_told(self):
        self.make_rule("Fraud", keywords="fraud", notify_manager=True)
        ticket = self.make_ticket(as_user=self.agent_voice, name="Toll fraud!")
        note = self.assert_one_note(ticket, "Notified: Mona Manager")
        self.assertEqual(note.notified_partner_ids, self.manager.partner_id)

    def test_without_a_leader_the_managers_are_told(self):
        self.make_rule(notify_manager=True)
        ticket = self.make_ticket(team_id=self.team_internet.id)
        self.assertIn(self.manager.partner_id, self.notes(ticket).notified_partner_ids)

    def test_escalates_in_one_note(self):
        self.team_voice.escalation_team_id = self.team_internet
        self.make_rule("Up", escalate=True)
        ticket = self.make_ticket()
        self.assertTrue(ticket.is_escalated)
        self.assertEqual((ticket.support_level, ticket.team_id), ("2", self.team_internet))
        self.assertFalse(ticket.escalated_by_id)
        self.assert_one_note(ticket, "Escalated", "Team: Voice → Internet")
        self.assertEqual(len(ticket.message_ids), 2, "received, and one note")

    def test_agent_given_a_ticket_is_told_so(self):
        self.make_rule(set_user_id=self.agent_voice.id)
        self.patch(self.registry, "ready", True)  # Odoo tells nobody while it installs
        ticket = self.make_ticket()
        self.assertEqual(ticket.user_id, self.agent_voice)
        told = self.env["mail.message"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        self.assertIn(self.agent_voice.partner_id, told.notified_partner_ids)


class TestMessageRules(RuleCase):
    """What the customer writes later is looked at too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.make_rule(
            "Complaints", trigger="on_customer_message", keywords="lawyer", set_minimum_priority="2"
        )
        cls.ticket = cls.make_ticket(name="Slow line")

    def test_answer_in_the_portal(self):
        self.customer_writes(self.ticket, "I shall call my LAWYER")
        self.assertEqual(self.ticket.priority, "2")
        self.assert_one_note(self.ticket, "found in the text: “LAWYER”")

    def test_quoted_part_of_an_answer_does_not_count(self):
        self.customer_mails(self.ticket, "Thanks\n\n> my lawyer says\n> hello")
        self.assertEqual(self.ticket.priority, "1")
        html = "<p>Thanks</p><blockquote>my lawyer</blockquote>"
        self.customer_mails(self.ticket, html, Content_Type="text/html; charset=utf-8")
        self.assertEqual(self.ticket.priority, "1")
        self.customer_mails(self.ticket, "My lawyer says so\n\n> thanks")
        self.assertEqual(self.ticket.priority, "2")

    def test_firing_without_effect_says_nothing(self):
        for _again in range(3):
            self.customer_writes(self.ticket, "My lawyer!")
        self.assert_one_note(self.ticket, "Complaints")
        self.assertEqual(self.rule.log_count, 1)

    def test_manager_hears_of_each_message(self):
        self.rule.notify_manager = True
        for _again in range(2):
            self.customer_writes(self.ticket, "My lawyer!")
        self.assertEqual(len(self.notes(self.ticket)), 2)

    def test_mail_that_opens_a_ticket_is_no_further_message(self):
        self.assertEqual(self.mail_opens("My lawyer", "My lawyer").priority, "1")

    def test_agents_and_notes_are_not_looked_at(self):
        self.agent_replies(self.ticket, body="Call your lawyer")
        self.agent_notes(self.ticket, body="The lawyer called")
        self.assertEqual(self.ticket.priority, "1")

    def test_new_subject_counts_and_the_old_one_does_not(self):
        self.rule.keywords = "slow line\noutage"
        self.customer_mails(self.ticket, "Any news?")
        self.assertEqual(self.ticket.priority, "1")
        self.customer_mails(self.ticket, "Any news?", subject="Re: now an outage")
        self.assertEqual(self.ticket.priority, "2")


class TestFailingRules(RuleCase):
    """A rule that fails stops nothing."""

    def break_domain(self, rule, domain="[('gone_field', '=', 1)]"):
        self.env.cr.execute(
            "UPDATE telecom_ticket_rule SET domain = %s WHERE id = %s", [domain, rule.id]
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_rule_with_a_broken_condition_is_left_out_and_told_once(self):
        broken = self.make_rule("Broken", sequence=1)
        self.make_rule("Sound", sequence=2, set_minimum_priority="2")
        self.break_domain(broken)
        with mute_logger(LOGGER):
            first, second = self.mail_opens("One"), self.mail_opens("Two")
        self.assertEqual((first + second).mapped("priority"), ["2", "2"])
        self.assertIn("gone_field", broken.error)
        told = broken.activity_ids.mapped("user_id")
        self.assertIn(self.manager, told)
        self.assertEqual(len(broken.activity_ids), len(told), "each once")

    def test_rule_for_an_agent_who_left(self):
        rule = self.make_rule("Vera", set_user_id=self.agent_voice.id, set_minimum_priority="3")
        self.agent_voice.active = False
        with mute_logger(LOGGER):
            ticket = self.make_ticket()
        self.assertEqual(ticket.priority, "1", "all of it or nothing")
        self.assertEqual(rule.error, "Vera Voice has been archived.")
        self.assertFalse(self.notes(ticket))

    def test_mended_rule_is_no_longer_marked(self):
        rule = self.make_rule("Broken")
        self.break_domain(rule)
        with mute_logger(LOGGER):
            self.make_ticket()
        rule.with_user(self.manager).domain = "[]"
        self.assertFalse(rule.error)
        self.assertFalse(rule.activity_ids)
        self.assertEqual(self.make_ticket().priority, "2")

    def test_error_in_the_middle_of_a_firing_undoes_that_rule_alone(self):
        rule = self.make_rule("Bad", sequence=1, set_minimum_priority="3")
        self.make_rule("Good", sequence=2, set_support_level="2")
        describe = type(self.env["telecom.ticket"])._describe_changes

        def fail(ticket, before):
            if ticket.priority == "3":
                raise ZeroDivisionError("nobody thought of this")
            return describe(ticket, before)

        with (
            patch.object(self.registry["telecom.ticket"], "_describe_changes", fail),
            mute_logger(LOGGER),
        ):
            ticket = self.make_ticket()
        self.assertEqual((ticket.priority, ticket.support_level), ("1", "2"))
        self.assertIn("nobody thought of this", rule.error)


class TestRuleForm(RuleCase):
    """What managers type is understood, or refused in their words."""

    def form(self, **values):
        form = Form(self.env["telecom.ticket.rule"].with_user(self.manager))
        form.name = "Mine"
        for name, value in values.items():
            form[name] = value
        return form

    def test_rule_is_written_as_a_sentence(self):
        rule = self.form(
            trigger="on_time", after_value=2, measure="since_customer_message", escalate=True
        ).save()
        self.assertEqual(rule.after_minutes, 120)
        self.assertTrue(rule.in_working_time)
        days = self.form(
            trigger="on_time", after_value=3, after_unit="days", measure="since_created",
            escalate=True,
        ).save()  # fmt: skip
        self.assertEqual((days.after_minutes, days.in_working_time), (3 * 24 * 60, False))

    def test_minutes_can_be_given_by_other_programs(self):
        rule = self.make_rule(
            trigger="on_time", after_minutes=90, measure="unassigned", notify_manager=True
        )
        self.assertEqual((rule.after_value, rule.after_unit), (90, "minutes"))
        rule.after_minutes = 120
        self.assertEqual((rule.after_value, rule.after_unit), (2, "hours"))

    def test_what_cannot_work_is_refused(self):
        timed = {"trigger": "on_time", "after_value": 2, "measure": "unassigned"}
        relative = "[('create_date', '<', 'today -3d')]"
        for problem, values in {
            "does nothing yet": {},
            "after how much time": {**timed, "after_value": 0, "escalate": True},
            "A day has 24 hours": {
                **timed, "after_unit": "days", "in_working_time": True, "escalate": True
            },
            "cannot compare": {**timed, "domain": relative, "escalate": True},
            "no letter or digit": {"keywords": "outage\n!!!", "escalate": True},
            "nearly everywhere": {"keywords": "co*", "escalate": True},
            "A wildcard \\(\\*\\) goes at": {"keywords": "co*upe", "escalate": True},
            "The condition of rule": {"domain": "[('nonsense', '=', 1)]", "escalate": True},
            "cannot be used": {"domain": "[('priority', '=', uid)]", "escalate": True},
        }.items():  # fmt: skip
            with self.subTest(problem=problem), self.assertRaisesRegex(ValidationError, problem):
                self.form(**values).save()
        with self.assertRaisesRegex(ValidationError, "add a tag"):
            self.make_rule(**timed, keywords="outage")

    def test_agents_and_teams_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids += other
        with self.assertRaisesRegex(ValidationError, "works for"):
            self.make_rule(company_id=other.id, set_team_id=self.team_voice.id)
        with self.assertRaisesRegex(ValidationError, "has no access to Other"):
            self.make_rule(company_id=other.id, set_user_id=self.agent_voice.id)

    def test_people_who_are_no_agents_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "no agent of the helpdesk"):
            self.make_rule(set_user_id=self.internal_user.id)

    def test_time_stands_in_the_note_as_people_say_it(self):
        rule = self.make_rule(
            trigger="on_time", after_value=2, measure="since_customer_message", escalate=True
        )
        self.assertEqual(rule._describe_time(), "no answer for 2 working hour(s)")


class TestRuleCost(RuleCase):
    """Tickets that rules do not care about cost nothing."""

    def count_created(self, number, name="Nothing special"):
        values = [
            {"name": name, "partner_id": self.customer_contact.id, "team_id": self.team_voice.id}
        ] * number
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["telecom.ticket"].with_user(self.manager).create(values)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_no_query_where_nothing_matches(self):
        self.count_created(1)
        self.count_created(1)
        bare = [self.count_created(number) for number in (1, 200)]
        for number in range(20):
            self.make_rule(
                keywords=f"outage {number}",
                domain="[('priority', '=', '0'), ('state', '=', 'new')]",
            )
        self.count_created(1)
        self.count_created(1)
        self.assertEqual([self.count_created(number) for number in (1, 200)], bare)

    def test_a_batch_that_fires_costs_no_query_a_ticket(self):
        self.make_rule(keywords="outage", set_team_id=self.team_internet.id)
        self.count_created(1, "outage")
        self.assertLessEqual(self.count_created(60, "outage") - self.count_created(20, "outage"), 5)

    def test_rule_saved_elsewhere_counts_at_once(self):
        self.assertEqual(self.make_ticket().priority, "1")
        self.make_rule()
        self.assertEqual(self.make_ticket().priority, "2")
