import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tools import mute_logger

from ..common import SlaCase, frozen

SLA_CRON = "telecom_helpdesk_sla.ir_cron_sla_clock_due"
ACTIVITY_TYPE = "telecom_helpdesk_sla.mail_activity_type_sla"
TEMPLATE = "telecom_helpdesk_sla.mail_template_sla_alert"


class AlertCase(SlaCase):
    """Eight hours to resolve, in Paris, around Bastille Day 2026.

    A ticket of Monday the 13th, 15:00 (13:00 UTC), has three hours left that day, none on the
    holiday and three on Wednesday morning: warning on Wednesday at 12:00 (75 % of 8 hours),
    imminent at 15:00 (30 minutes before), breach at 15:30. In UTC two hours less.
    """

    CREATED = "2026-07-13 13:00:00"
    WARNING = "2026-07-15 10:00:00"
    IMMINENT = "2026-07-15 13:00:00"
    BREACH = "2026-07-15 13:30:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy(
            "Premium", dict.fromkeys("0123", (0, 0, 8)), calendar_id=cls.paris.id
        )
        cls.cron = cls.env.ref(SLA_CRON)
        cls.mail_cron = cls.env.ref("mail.ir_cron_mail_scheduler_action")
        cls.template = cls.env.ref(TEMPLATE)
        cls.company.resource_calendar_id.tz = "Europe/Paris"
        cls.agent_voice.tz = cls.manager.tz = "Europe/Paris"
        cls.env["ir.cron.trigger"].search([]).unlink()

    def ticket_at(self, at, **values):
        with frozen(at):
            ticket = self.make_ticket(**{"user_id": self.agent_voice.id, **values})
            self.env.cr.flush()  # the end of a transaction
            return ticket

    def run_at(self, at):
        """The scheduled action runs at ``at`` (UTC)."""
        with frozen(at), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def triggers(self, cron=None):
        self.env.cr.flush()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", (cron or self.cron).id)])
        return sorted(str(at) for at in triggers.mapped("call_at"))

    def alerts(self, ticket):
        """Kinds that were sent, in their order."""
        return self.env["telecom.sla.alert"].search([("ticket_id", "=", ticket.id)], order="id")

    def kinds(self, ticket):
        return self.alerts(ticket).mapped("kind")

    def mails(self, ticket):
        """Mails that wait to leave, oldest first."""
        return self.env["mail.mail"].search(
            [
                ("model", "=", "telecom.ticket"),
                ("res_id", "=", ticket.id),
                ("message_type", "=", "user_notification"),
                ("mail_message_id.subject", "ilike", "SLA"),
            ],
            order="id",
        )

    def mailed(self, ticket):
        """Pairs (title, name of the receiver) of these mails."""
        return [
            (mail.subject.split(":")[0], mail.recipient_ids.name) for mail in self.mails(ticket)
        ]

    def activities(self, ticket):
        type_ = self.env.ref(ACTIVITY_TYPE)
        return ticket.activity_ids.filtered(lambda activity: activity.activity_type_id == type_)

    def pushed(self, user):
        """What the bus brought to ``user``'s screen."""
        self.env.cr.flush()
        channel = f'"res.partner",{user.partner_id.id}]'
        messages = self.env["bus.bus"].search([("channel", "like", f"%{channel}")], order="id")
        values = [json.loads(message) for message in messages.mapped("message")]
        return [v["payload"] for v in values if v["type"] == "telecom.sla.alert"]

    def notes(self, ticket):
        return [
            message.body
            for message in ticket.message_ids.sorted("id")
            if "SLA breached" in (message.body or "")
        ]


class TestAlert(AlertCase):
    """Everybody concerned, each once, at the minute."""

    def test_each_alert_once_and_at_its_instant(self):
        ticket = self.ticket_at(self.CREATED)
        for at, kind, state, following in (
            (self.WARNING, "warning", "warning", self.IMMINENT),
            (self.IMMINENT, "imminent", "imminent", self.BREACH),
            (self.BREACH, "breach", "breached", None),
        ):
            self.assertIn(at, self.triggers(), "the action is to run at that very second")
            self.assertEqual(str(self.clock(ticket).next_due_at), at)
            told = self.kinds(ticket)
            self.run_at(f"{at[:-8]}{int(at[-8:-6]) - 1:02}:59:59")
            self.assertEqual(self.kinds(ticket), told, "not before")
            self.run_at(at)
            self.assertEqual(self.kinds(ticket), [*told, kind])
            self.assertEqual(ticket.sla_state, state)
            alert = self.alerts(ticket)[-1]
            self.assertEqual((str(alert.due_at), str(alert.at)), (at, at))
            self.assertEqual(str(alert.deadline), self.BREACH)
            self.assertFalse(alert.is_late)
            if following:
                self.assertIn(following, self.triggers())
        self.assertEqual(self.clock(ticket).state, "missed")
        self.assertFalse(self.clock(ticket).next_due_at)
        for at in ("2026-07-15 13:31:00", "2026-07-17 09:00:00"):
            self.run_at(at)
        self.assertEqual(self.kinds(ticket), ["warning", "imminent", "breach"])
        self.assertEqual(
            self.mailed(ticket),
            [
                ("SLA warning", "Vera Voice"),
                ("SLA due soon", "Vera Voice"),
                ("SLA breached", "Vera Voice"),
                ("SLA breached", "Mona Manager"),
            ],
        )
        self.assertEqual(
            [payload["kind"] for payload in self.pushed(self.agent_voice)],
            ["warning", "imminent", "breach"],
        )
        self.assertEqual([payload["kind"] for payload in self.pushed(self.manager)], ["breach"])

    def test_across_both_clock_changes_in_berlin(self):
        self.policy.write({"calendar_id": self.berlin.id})
        for created, deadline in (
            # Friday 16:00 in winter: one hour, and seven on Monday in summer, until 15:00.
            ("2026-03-27 15:00:00", "2026-03-30 13:00:00"),
            # Friday 16:00 in summer: Monday 15:00 in winter.
            ("2026-10-23 14:00:00", "2026-10-26 14:00:00"),
        ):
            ticket = self.ticket_at(created)
            self.run_at(str(self.clock(ticket).warning_at))
            self.run_at(str(self.clock(ticket).imminent_at))
            self.assertIn(deadline, self.triggers())
            self.run_at(deadline)
            self.assertEqual(self.kinds(ticket), ["warning", "imminent", "breach"])
            self.assertEqual(str(self.alerts(ticket)[-1].due_at), deadline)
            self.assertIn("3:00 PM (Europe/Paris)", self.text_of(self.mails(ticket)[-1]))

    def text_of(self, mail):
        return " ".join(str(mail.body_html).replace("\N{NARROW NO-BREAK SPACE}", " ").split())

    def test_saturday_half_day(self):
        # Friday 17:30: half an hour, and three on Saturday; the rest on Monday.
        ticket = self.ticket_at("2026-07-17 15:30:00")
        self.assertEqual(str(self.clock(ticket).deadline), "2026-07-20 13:00:00")
        self.run_at("2026-07-20 09:30:00")
        self.assertEqual(self.kinds(ticket), ["warning"])

    def test_languages_and_time_zones_of_the_receivers(self):
        for code in ("fr_FR", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
        for code, word in (("fr_FR", "Dossier"), ("de_DE", "Vorgang")):
            self.template.with_context(lang=code).subject = f"SLA {word}: {{{{ object.title }}}}"
            template = self.template.with_context(lang=code)
            template.body_html = str(template.body_html).replace("Promised", f"{word} versprochen")
        self.agent_voice.lang = "fr_FR"
        self.manager.write({"lang": "de_DE", "tz": "Europe/London"})
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        french, german = self.mails(ticket)
        self.assertEqual(french.recipient_ids, self.agent_voice.partner_id)
        self.assertIn("Dossier", french.subject)
        self.assertIn("Dossier versprochen", french.body_html)
        self.assertIn("mer. 15 juil. 2026, 15:30 (Europe/Paris)", self.text_of(french))
        self.assertIn("Vorgang", german.subject)
        self.assertIn("Mi., 15. Juli 2026, 14:30 (Europe/London)", self.text_of(german))
        activity = self.activities(ticket).filtered(lambda a: a.user_id == self.manager)
        self.assertIn("14:30 (Europe/London)", activity.note)

    def test_mail_says_what_was_promised_to_whom_and_how_late_it_is(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        mail = self.mails(ticket)
        self.assertEqual(mail.subject, f"SLA warning: [{ticket.number}] No dial tone")
        text = self.text_of(mail)
        for words in (
            "ACME, Carla Contact",
            "Resolution within 8 h",
            "Wed, Jul 15, 2026, 3:30 PM (Europe/Paris)",
            "SLA warning: 2 h of working time left",
            "Premium",
            f"/mail/view?model=telecom.ticket&amp;res_id={ticket.id}",
        ):
            self.assertIn(words, text)
        self.assertNotIn("Sent late", text)
        self.assertIn("auto-generated", mail.headers)
        self.assertEqual(mail.state, "outgoing", "it leaves after the commit")
        self.assertTrue(self.triggers(self.mail_cron), "at once")

    def test_mail_is_no_part_of_the_conversation(self):
        boss = self.make_user("boss", "telecom_helpdesk.group_manager", name="Bea Boss")
        boss.notification_type = "inbox"
        self.team_voice.leader_id = boss
        ticket = self.ticket_at(self.CREATED)
        before, followers = ticket.message_ids, ticket.message_partner_ids
        self.run_at(self.BREACH)
        mails = self.mails(ticket)
        self.assertEqual(mails.recipient_ids, (self.agent_voice | boss).partner_id, "inbox or not")
        self.assertFalse(mails.recipient_ids & ticket.partner_id)
        [note] = ticket.message_ids - before
        self.assertTrue(note.is_internal)
        self.assertTrue(note.subtype_id.internal)
        self.assertFalse(note.notified_partner_ids)
        self.assertIn("Notified: Vera Voice, Bea Boss", note.body)
        self.assertFalse(ticket.first_response_at)
        self.assertFalse(ticket.last_agent_reply_at)
        self.assertTrue(ticket.unanswered_since)
        self.assertEqual(ticket.message_partner_ids, followers, "told, but no follower")

    def test_answer_to_an_alert_becomes_an_internal_note(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        mail = self.mails(ticket)
        raw = f"""From: {self.agent_voice.email_formatted}
To: support@operator.example.com
Subject: Re: {mail.subject}
Message-ID: <answer@operator.example.com>
In-Reply-To: {mail.message_id}
References: {mail.message_id}
Content-Type: text/plain; charset=utf-8

The technician is on the way.
"""
        self.env["mail.thread"].message_process(False, raw)
        message = ticket.message_ids.filtered(lambda m: "technician is on" in (m.body or ""))
        self.assertEqual(len(message), 1)
        self.assertTrue(message.subtype_id.internal)
        self.assertFalse(ticket.first_response_at)

    def test_template_that_fails_stops_no_alert(self):
        self.template.body_html = '<p t-out="object.no_such_field"/>'
        ticket = self.ticket_at(self.CREATED)
        with mute_logger(
            "odoo.addons.telecom_helpdesk_sla.models.alert.sla_alert_mail",
            "odoo.addons.mail.models.mail_render_mixin",
        ):
            self.run_at(self.WARNING)
        mail = self.mails(ticket)
        self.assertEqual(mail.subject, f"SLA warning: [{ticket.number}] No dial tone")
        self.assertIn("Resolution within 8 h", mail.body_html)


class TestRecipients(AlertCase):
    """Whom an alert reaches: never nobody, nobody twice."""

    def told(self, ticket, at):
        self.run_at(at)
        return sorted(self.alerts(ticket)[-1].recipient_ids.mapped("login"))

    def test_collaborators_where_the_policy_says_so(self):
        ticket = self.ticket_at(
            self.CREATED, collaborator_ids=[Command.link(self.agent_internet.id)]
        )
        self.assertEqual(self.told(ticket, self.WARNING), ["agent_voice"])
        self.policy.notify_collaborators = True
        self.assertEqual(self.told(ticket, self.IMMINENT), ["agent_internet", "agent_voice"])

    def test_leader_where_nobody_is_in_charge(self):
        ticket = self.ticket_at(self.CREATED, user_id=False)
        self.assertEqual(self.told(ticket, self.WARNING), ["manager"])
        self.assertEqual(self.told(ticket, self.BREACH), ["manager"])
        self.assertEqual(len(self.mails(ticket)), 2, "nobody twice")

    def test_managers_where_there_is_no_leader_either(self):
        ticket = self.ticket_at(self.CREATED, user_id=False, team_id=self.team_internet.id)
        self.run_at(self.WARNING)
        told = self.alerts(ticket).recipient_ids
        self.assertIn(self.manager, told)
        self.assertTrue(all(u.has_group("telecom_helpdesk.group_manager") for u in told))

    def test_manager_in_charge_is_told_once(self):
        ticket = self.ticket_at(self.CREATED, user_id=self.manager.id)
        self.assertEqual(self.told(ticket, self.BREACH), ["manager"])
        self.assertEqual(self.mailed(ticket), [("SLA breached", "Mona Manager")])
        self.assertEqual(len(self.activities(ticket)), 1)

    def test_who_left_is_passed_over(self):
        ticket = self.ticket_at(self.CREATED)
        self.agent_voice.active = False
        self.assertEqual(self.told(ticket, self.WARNING), ["manager"])

    def test_the_leader_has_on_their_desk_what_the_one_who_left_had(self):
        ticket = self.ticket_at(self.CREATED)
        self.assertEqual(self.told(ticket, self.WARNING), ["agent_voice"])
        self.assertEqual(self.activities(ticket).user_id, self.agent_voice)
        self.agent_voice.with_user(self.env.ref("base.user_admin")).action_archive()
        self.assertEqual(self.activities(ticket).user_id, self.manager)

    def test_leader_who_left_is_passed_over_for_the_managers(self):
        ticket = self.ticket_at(self.CREATED, user_id=False)
        boss = self.make_user("boss", "telecom_helpdesk.group_manager")
        self.manager.active = False
        told = self.told(ticket, self.WARNING)
        self.assertIn(boss.login, told)
        self.assertNotIn("manager", told)

    def test_who_may_not_read_the_ticket_is_passed_over(self):
        ticket = self.ticket_at(self.CREATED)
        # Some other addon's rule, or a change of groups since it was assigned.
        self.agent_voice.write({"group_ids": [Command.set([self.env.ref("base.group_user").id])]})
        self.assertEqual(self.told(ticket, self.WARNING), ["manager"])

    def test_last_resort_is_the_administrator(self):
        ticket = self.ticket_at(self.CREATED, user_id=False, team_id=self.team_internet.id)
        nobody = patch.object(
            self.registry["telecom.agent"],
            "_filter_at_work",
            lambda agents, users, *args, **kwargs: users.browse(),
        )
        with nobody:
            self.run_at(self.WARNING)
        self.assertEqual(self.alerts(ticket).recipient_ids, self.env.ref("base.user_admin"))

    def test_other_company(self):
        self.policy.write({"calendar_id": False, "company_id": False})
        company = self.env["res.company"].create({"name": "Belgium"})
        leader = self.make_user(
            "leader_be",
            "telecom_helpdesk.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        team = self.make_team("Belgium", leader, leader_id=leader.id, company_id=company.id)
        ticket = self.ticket_at(
            self.CREATED, as_user=leader, team_id=team.id, user_id=False, partner_id=False
        )
        self.assertEqual(ticket.company_id, company)
        self.assertEqual(self.told(ticket, self.BREACH), ["leader_be"])
        self.assertFalse(
            self.env["telecom.sla.alert"]
            .with_user(self.manager)
            .search([("ticket_id", "=", ticket.id)])
        )

    def test_user_without_an_address_is_told_on_the_screen(self):
        self.agent_voice.email = False
        ticket = self.ticket_at(self.CREATED)
        self.assertEqual(self.told(ticket, self.WARNING), ["agent_voice"])
        self.assertFalse(self.mails(ticket))
        self.assertEqual(len(self.pushed(self.agent_voice)), 1)
        self.assertEqual(self.activities(ticket).user_id, self.agent_voice)


class TestAlertOnTheDesk(AlertCase):
    """The activity that stays until the ticket is done."""

    def test_one_for_each_user_brought_up_to_date_and_gone_in_the_end(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        activity = self.activities(ticket)
        self.assertEqual(activity.user_id, self.agent_voice)
        self.assertEqual(activity.summary, "SLA warning: Resolution within 8 h")
        self.assertEqual(str(activity.date_deadline), "2026-07-15")
        self.run_at(self.BREACH)
        self.assertEqual(self.activities(ticket).user_id, self.agent_voice | self.manager)
        self.assertEqual(len(self.activities(ticket)), 2)
        self.assertEqual(activity.summary, "SLA breached: Resolution within 8 h")
        with frozen("2026-07-15 14:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assertFalse(self.activities(ticket))
        self.assertEqual(len(self.mails(ticket)), 3, "what was sent was sent")

    def test_stays_while_another_promise_is_due(self):
        self.policy.target_ids.first_response_hours = 8
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        self.assertEqual(len(self.activities(ticket)), 1, "one for both promises")
        with frozen("2026-07-15 12:30:00"):
            self.agent_replies(ticket)
        self.assertEqual(len(self.activities(ticket)), 1)
        with frozen("2026-07-15 12:40:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assertFalse(self.activities(ticket))

    def test_away_while_the_customer_is_waited_for_and_back_with_the_new_deadline(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        with frozen("2026-07-15 12:00:00"):  # after half an hour of the two that were left
            self.set_state(ticket, "waiting_customer")
        self.assertFalse(self.activities(ticket))
        with frozen("2026-07-20 07:00:00"):
            self.customer_writes(ticket)
        activity = self.activities(ticket)
        self.assertEqual(activity.user_id, self.agent_voice)
        self.assertEqual(str(activity.date_deadline), "2026-07-20")
        self.assertIn("10:30", activity.note)

    def test_the_most_serious_is_on_the_desk(self):
        self.policy.target_ids.first_response_hours = 1
        ticket = self.ticket_at(self.CREATED)
        self.run_at("2026-07-13 14:00:00")
        self.run_at(self.WARNING)
        self.assertEqual(
            set(self.activities(ticket).mapped("summary")),
            {"SLA breached: First Response within 1 h"},
        )
        with frozen("2026-07-15 11:30:00"):
            self.agent_replies(ticket)
        self.assertEqual(
            set(self.activities(ticket).mapped("summary")), {"SLA warning: Resolution within 8 h"}
        )
        self.assertEqual(self.activities(ticket).user_id, self.agent_voice)

    def test_ticked_off_stays_so(self):
        self.policy.target_ids.first_response_hours = 8
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        mine = self.activities(ticket).filtered(lambda a: a.user_id == self.agent_voice)
        with frozen("2026-07-15 14:00:00"):
            mine.with_user(self.agent_voice).action_done()
            self.agent_replies(ticket)
        self.assertEqual(self.activities(ticket).user_id, self.manager)

    def test_away_when_there_is_more_time(self):
        target = self.policy.target_ids.filtered(lambda target: target.priority == "0")
        target.resolution_hours = 40
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        with frozen("2026-07-15 11:45:00"):
            ticket.with_user(self.manager).priority = "0"
        self.assertFalse(self.activities(ticket))

    def test_goes_to_the_next_agent(self):
        colleague = self.make_user("colleague", "telecom_helpdesk.group_agent")
        self.team_voice.member_ids += colleague
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        with frozen("2026-07-15 14:00:00"):
            ticket.with_user(self.manager).user_id = colleague
        self.assertEqual(self.activities(ticket).user_id, colleague | self.manager)
        with frozen("2026-07-15 14:01:00"):
            ticket.with_user(self.manager).user_id = False
        self.assertEqual(self.activities(ticket).user_id, self.manager)

    def test_goes_when_the_ticket_is_cancelled_or_merged(self):
        cancelled, merged = self.ticket_at(self.CREATED), self.ticket_at(self.CREATED)
        target = self.ticket_at("2026-07-15 10:00:00")
        self.run_at(self.WARNING)
        with frozen("2026-07-15 11:00:00"):
            cancelled.with_user(self.manager).action_cancel()
            merged.with_user(self.manager)._merge(target)
        self.assertFalse(self.activities(cancelled) + self.activities(merged))
        self.run_at(self.BREACH)
        self.assertEqual(self.kinds(cancelled) + self.kinds(merged), ["warning", "warning"])
