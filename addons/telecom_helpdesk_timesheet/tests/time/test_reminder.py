from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Datetime

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCase

LOGGED = "2026-03-02 09:00:00"


class TestReminder(TimeCase):
    """Time that waits too long: managers get a mail, and see it on the dashboard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever else in the database waits is put away.
        waiting = [("billing_state", "in", ("to_approve", "approved"))]
        cls.env["account.analytic.line"].search(waiting)._write_billing({"billing_state": False})
        cls.enterClassContext(frozen(LOGGED))
        cls.other_ticket = cls.make_ticket(team_id=cls.team_internet.id, name="Slow line")
        cls.first = cls.log(90, date="2026-03-02")
        cls.second = cls.log(
            30, date="2026-03-02", user=cls.agent_internet, ticket=cls.other_ticket
        )

    def run_cron(self, days, hours=1):
        """The scheduled action runs ``days`` later: its mails, ``{user: mail.message}``."""
        messages = self.env["mail.message"]
        last = messages.search([], order="id desc", limit=1).id
        at = Datetime.to_datetime(LOGGED) + timedelta(days=days, hours=hours)
        with frozen(Datetime.to_string(at)), self.enter_registry_test_mode():
            self.env.ref(
                "telecom_helpdesk_timesheet.ir_cron_remind_approvers"
            ).method_direct_trigger()
        found = messages.search([("id", ">", last), ("message_type", "=", "user_notification")])
        told = {}
        for message in found:
            [partner] = message.notified_partner_ids
            self.assertNotIn(partner.user_ids, told, "one mail at most")
            told[partner.user_ids] = message
        return told

    # The mail

    def test_nobody_is_told_before_it_has_waited_long(self):
        self.assertEqual(self.run_cron(2), {})
        self.assertTrue(self.run_cron(3))

    def test_the_leader_gets_what_the_team_logged(self):
        mail = self.run_cron(4)[self.manager]
        self.assertEqual(mail.subject, "Time to approve: 2:00 h (entries: 2)")
        self.assertIn("the oldest since 03/02/2026", mail.body)
        self.assertIn("Vera Voice: 1:30 h", mail.body)
        self.assertIn(self.ticket.number, mail.body)
        self.assertIn("/odoo/time-to-review", mail.body)

    def test_where_a_team_has_no_leader_the_managers_are_told(self):
        told = self.run_cron(4)
        for user in self.manager + self.manager_two:
            self.assertIn("Ivo Internet", told[user].body)
        self.assertNotIn("Vera Voice", told[self.manager_two].body, "the leader has that")

    def test_once_a_day_and_once_after_days_without_it(self):
        self.assertIn(self.manager, self.run_cron(4))
        self.assertEqual(self.run_cron(4, hours=3), {})
        self.assertIn(self.manager, self.run_cron(5))
        self.assertIn(self.manager, self.run_cron(40))

    def test_nobody_is_told_of_what_they_may_not_approve(self):
        self.approve(self.first + self.second)
        own = self.log(60, user=self.manager, date="2026-03-02")
        told = self.run_cron(4)
        self.assertNotIn(self.manager, told)
        self.assertIn("Mona Manager", told[self.manager_two].body)
        self.company.telecom_approve_own_time = True
        self.assertIn(self.manager, self.run_cron(5))
        self.approve(own)
        self.assertEqual(self.run_cron(6), {}, "nobody gets an empty mail")

    def test_a_leader_who_has_left_or_is_no_manager_gets_none(self):
        self.team_voice.leader_id = self.agent_voice
        told = self.run_cron(4)
        self.assertNotIn(self.agent_voice, told)
        self.assertIn("Vera Voice", told[self.manager_two].body)
        self.team_voice.leader_id = self.manager
        self.manager.action_archive()
        told = self.run_cron(5)
        self.assertNotIn(self.manager, told)
        self.assertIn("Vera Voice", told[self.manager_two].body)

    def test_the_days_are_the_companys(self):
        self.company.telecom_approval_reminder_days = 0
        self.assertEqual(self.run_cron(40), {})
        self.company.telecom_approval_reminder_days = 10
        self.assertEqual(self.run_cron(9), {})
        self.assertTrue(self.run_cron(11))

    def test_it_waits_since_it_was_submitted_again_or_unlocked(self):
        self.first.with_user(self.manager)._reject("Which line?")
        self.approve(self.second)
        with frozen("2026-03-05 09:00:00"):
            self.first.with_user(self.agent_voice).action_resubmit()
            self.second.with_user(self.manager)._unlock("Of another customer")
        self.assertEqual(self.run_cron(4), {})
        mail = self.run_cron(7)[self.manager]
        self.assertIn("since 03/05/2026", mail.body)

    def test_in_the_managers_language(self):
        for lang in ("fr_FR", "de_DE"):
            self.env["res.lang"]._activate_lang(lang)
        self.manager.lang, self.manager_two.lang = "fr_FR", "de_DE"
        told = self.run_cron(4)
        self.assertIn("02/03/2026", told[self.manager].body)
        self.assertIn("02.03.2026", told[self.manager_two].body)

    def test_one_who_cannot_be_told_keeps_nobody_else(self):
        told = self.env["telecom.agent"]
        remind = type(told)._remind_to_approve

        def fail(row, lines):
            if row.user_id == self.manager:
                raise ValueError("no mail")
            return remind(row, lines)

        self.patch(type(told), "_remind_to_approve", fail)
        with self.assertLogs("odoo.addons.telecom_helpdesk_timesheet", "ERROR"):
            told = self.run_cron(4)
        self.assertNotIn(self.manager, told)
        self.assertIn(self.manager_two, told)

    def test_the_work_grows_by_nothing_but_the_mails(self):
        counts = []
        for number in (1, 30):
            for _index in range(number):
                self.log(30, date="2026-03-02", ticket=self.make_ticket())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines = self.env["account.analytic.line"].sudo()
            with frozen("2026-03-09 09:00:00"):
                lines._find_overdue()._group_by_approver()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # The dashboard

    def get_links(self, user, team):
        teams = self.env["telecom.ticket.team"].with_user(user)
        cards = {card["id"]: card for card in teams.get_dashboard()["teams"]}
        return {link["method"]: link for link in cards[team.id]["links"]}

    def open_link(self, user, team, method):
        """Entries in the list that a click on the link opens."""
        action = getattr(team.with_user(user), method)()
        return self.env["account.analytic.line"].with_user(user).search(action["domain"])

    def test_the_dashboard_says_how_long_time_waits(self):
        with frozen("2026-03-07 10:00:00"):
            link = self.get_links(self.manager, self.team_voice)["action_open_time_to_approve"]
            self.assertEqual(link["label"], "Time to approve (oldest, in days: 5)")
            self.assertEqual(link["count"], 1)
            found = self.open_link(self.manager, self.team_voice, link["method"])
        self.assertEqual(found, self.first)

    def test_the_dashboard_says_what_is_not_billed(self):
        self.approve(self.first + self.second)
        method = "action_open_time_not_billed"
        with frozen("2026-04-02 08:00:00"):
            self.assertNotIn(method, self.get_links(self.manager, self.team_voice))
        with frozen("2026-04-02 10:00:00"):
            links = self.get_links(self.manager, self.team_voice)
            self.assertEqual(links[method]["count"], 1)
            self.assertEqual(self.open_link(self.manager, self.team_voice, method), self.first)
            self.company.telecom_billing_reminder_days = 0
            self.assertNotIn(method, self.get_links(self.manager, self.team_voice))

    def test_tickets_without_a_team_have_a_card_too(self):
        entry = self.log(30, date="2026-03-02", ticket=self.make_ticket(team_id=False))
        none = self.env["telecom.ticket.team"]
        method = "action_open_time_to_approve"
        self.assertEqual(self.get_links(self.manager, none)[method]["count"], 1)
        # As the browser calls it: a record whose id is false.
        found = self.open_link(self.manager, none.browse([False]), method)
        self.assertEqual(found, entry)

    def test_agents_see_nothing_of_it(self):
        self.assertEqual(self.get_links(self.agent_voice, self.team_voice), {})
        with self.assertRaises(AccessError):
            self.team_voice.with_user(self.agent_voice).action_open_time_to_approve()

    def test_the_dashboard_takes_as_many_queries_for_many_teams(self):
        counts = []
        for number in (0, 10):
            for index in range(number):
                team = self.make_team(f"Team {index}", self.agent_voice)
                self.log(30, date="2026-03-02", ticket=self.make_ticket(team_id=team.id))
            teams = self.env["telecom.ticket.team"].with_user(self.manager)
            tiles = teams._get_dashboard_tiles()
            teams._count_dashboard_teams(tiles)  # a new team clears the registry's caches
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            teams._count_dashboard_teams(tiles)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
