"""Tickets lived through again, from the first to the last, by the people of the demo.

The stories (``../stories``) say who did what and how long after. Here each step is done as
that person would do it, with the transaction's clock set to its instant: transitions, stamps,
tracking and automatic closing then come from the helpdesk's own code and agree with one another.
"""

import re
from datetime import datetime, timedelta

from markupsafe import Markup

from odoo import Command, fields
from odoo.tools import SQL
from odoo.tools.misc import file_open

from .stories import MODULE, Stories
from .working_time import seconds

UNREAD = timedelta(days=2)  # older mentions have been read
QUIET = {"mail_auto_subscribe_no_notify": True, "mail_create_nosubscribe": True}
# Classification that a story may give its ticket.
FIELDS = ("priority", "impact", "urgency", "support_level", "channel", "incident_kind")


def load(env):
    """Create the tickets, unless the operator has some."""
    if not env["telecom.ticket"].search_count([("company_id", "=", env.company.id)], limit=1):
        Replay(env(context={**env.context, **QUIET})).run()


class Replay:
    def __init__(self, env):
        self.env = env
        self.now = fields.Datetime.now()
        self.stories = Stories(env, self.now)
        agents = env["res.users"].search([("company_id", "=", env.company.id)])
        self.agents = agents.filtered(lambda user: not user.share).grouped("login")
        self.tickets = {}  # by the id of the story

    def ref(self, name):
        return self.env.ref(f"{MODULE}.{name}")

    def run(self):
        last_bus = self.env["bus.bus"].search([], order="id desc", limit=1).id or 0
        last_message = self.env["mail.message"].search([], order="id desc", limit=1).id
        last_mail = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        try:
            for step in sorted(self.stories.steps()):
                self.run_due(step.at)
                self.env.cr._now = step.at
                getattr(self, f"do_{step.element.tag}")(step.story, step.element)
                # Tracking is noted just before the commit: have it done at this instant.
                self.env.cr.flush()
            self.run_due(self.now)
        finally:
            self.env.cr._now = None
        self.date_messages(last_message)
        self.deliver(last_message)
        self.env["mail.mail"].search([("id", ">", last_mail)]).unlink()
        self.forget_triggers()
        self.env["bus.bus"].search([("id", ">", last_bus)]).unlink()

    def run_due(self, until):
        """Do what fell due before ``until``, when it did, as the scheduled action would."""
        models = [
            self.env[name].sudo() for name in ("telecom.ticket.due", "telecom.incident.delivery")
        ]
        while due := [(at, model) for model in models if (at := model._find_next_due())]:
            at, model = min(due, key=lambda pair: pair[0])
            if at > until:
                break
            self.env.cr._now = at
            model._run_due_batch()
            self.env.cr.flush()

    # What people do, one method for each element of a story

    def do_opens(self, story, step):
        """The ticket comes in, with the customer's words or the agent's summary of them."""
        root, contact = story.root, story.contact
        text = self.paragraphs(story, step)
        channel = root.get("channel", "email")
        values = {
            "name": story.fill(step.get("subject")),
            "channel": channel,
            "partner_id": contact.id,
            "service_id": story.service.id,
            "category_id": self.ref(f"category_{root.get('category')}").id,
            "tag_ids": [
                Command.link(self.ref(f"tag_{tag}").id) for tag in root.get("tags", "").split()
            ],
            **{name: root.get(name) for name in FIELDS if root.get(name)},
        }
        if root.get("team"):
            values["team_id"] = self.ref(f"team_{root.get('team')}").id
        if root.get("window"):
            values["planned_from"], values["planned_to"] = self.window(root.get("window"))
        if root.get("parent"):
            values["parent_id"] = self.tickets[root.get("parent")].id
        if root.get("from"):
            values["partner_name"], values["partner_email"] = root.get("from").split("|")
        if channel != "email":
            values["description"] = text
        tickets = self.env["telecom.ticket"]
        if channel in ("phone", "manual"):
            tickets = tickets.with_user(self.user(story, step))
        story.ticket = self.tickets[root.get("id")] = tickets.create(values).with_env(self.env)
        if channel == "email":
            self.do_customer(story, step)

    def do_customer(self, story, step):
        """The customer writes, perhaps long after the end: then in a ticket of its own."""
        contact = story.contact
        message = story.ticket.message_post(
            body=self.paragraphs(story, step),
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=contact.id or False,
            email_from=contact.email_formatted or story.ticket.partner_email,
            attachments=self.attachments(step),
            notify_skip_followers=True,
        )
        story.ticket = story.ticket.browse(message.res_id)

    def do_reply(self, story, step):
        message = self.post(story, step, "mail.mt_comment")
        # No mail is made of it, but the customer has it.
        story.ticket.with_user(self.user(story, step)).sudo()._on_agent_reply(message.sudo())

    def do_note(self, story, step):
        self.post(story, step, "mail.mt_note")

    def do_take(self, story, step):
        """An agent puts their name on it and starts, or only checks what came in."""
        stage = step.get("stage", "in_progress")
        user = self.user(story, step)
        self.change(story, step, user_id=user.id, stage_id=self.ref(f"stage_{stage}").id)

    def do_stage(self, story, step):
        self.change(story, step, stage_id=self.ref(f"stage_{step.get('to')}").id)

    def do_hand(self, story, step):
        """Another agent goes on, perhaps of another level or team."""
        level, user = step.get("level"), self.agents[step.get("to")]
        team = self.ref(f"team_{step.get('team')}") if step.get("team") else story.ticket.team_id
        if step.get("escalate"):
            reason = " ".join(re.sub(r"@\w+ ?", "", story.fill(step.text)).split())
            ticket = story.ticket.with_user(self.user(story, step))
            ticket._escalate(level=level, team=team, user=user, reason=reason)
            return
        if step.text:
            self.do_note(story, step)
        values = {"user_id": user.id, "team_id": team.id}
        if level:
            values["support_level"] = level
        self.change(story, step, **values)

    def do_join(self, story, step):
        who = [self.agents[login].id for login in step.get("who").split()]
        self.change(story, step, collaborator_ids=[Command.link(id_) for id_ in who])

    def do_promise(self, story, step):
        self.change(
            story,
            step,
            date_deadline=self.stories.working_time.add(
                self.env.cr.now(), seconds(step.get("within"))
            ),
        )

    def do_incident(self, story, step):
        """The ticket turns out to be a consequence of another."""
        self.change(story, step, parent_id=self.tickets[step.get("of")].id)

    def do_affects(self, story, step):
        """What an incident hits: services of a type, or of a supplier."""
        wizard = self.env["telecom.incident.add"].with_user(self.user(story, step))
        values = {"incident_id": story.ticket.id}
        if step.get("type"):
            values["type_ids"] = self.ref(f"service_type_{step.get('type')}").ids
        if step.get("supplier"):
            values["supplier_id"] = self.ref(f"supplier_{step.get('supplier')}").id
        wizard.create(values).action_add()

    def do_update(self, story, step):
        """The customers of an incident are told something, each in their language."""
        texts = [
            {
                "lang": text.get("lang"),
                "title": text.get("title"),
                "body": re.sub(r"(?<!\n)\n(?!\n) *", " ", text.text.strip()),
            }
            for text in step
        ]
        update = self.env["telecom.incident.update"].with_user(self.user(story, step))
        update.create(
            {
                "incident_id": story.ticket.id,
                "fallback_lang": "en_US",
                "text_ids": [Command.create(text) for text in texts],
            }
        ).action_send()

    def do_plan(self, story, step):
        """An activity, a number of days from today."""
        ticket = story.ticket.with_user(self.user(story, step))
        ticket.activity_schedule(
            f"mail.mail_activity_data_{step.get('type', 'todo')}",
            date_deadline=fields.Date.today() + timedelta(days=int(step.get("in"))),
            summary=story.fill(step.text),
            user_id=ticket.env.uid,
        )

    def do_resolve(self, story, step):
        if step.text:
            self.change(story, step, resolution=self.paragraphs(story, step))
        story.ticket.with_user(self.user(story, step)).action_resolve()

    def do_cancel(self, story, step):
        story.ticket.with_user(self.user(story, step)).action_cancel()

    # Tools of the above

    def window(self, text):
        """Beginning and end of a window such as ``3d 21:00 4h``: in how many days, when (UTC),
        how long.
        """
        days, time, hours = text.split()
        day = self.now.date() + timedelta(days=int(days[:-1]))
        begins = datetime.fromisoformat(f"{day} {time}")
        return begins, begins + timedelta(hours=int(hours[:-1]))

    def user(self, story, step):
        return self.agents[story.login(step)]

    def change(self, story, step, **values):
        story.ticket.with_user(self.user(story, step)).write(values)

    def post(self, story, step, subtype):
        body = self.paragraphs(story, step)
        mentioned = re.findall(r"@(\w+)", body)
        for login in mentioned:
            body = body.replace(f"@{login}", self.mention(self.agents[login].partner_id))
        return story.ticket.with_user(self.user(story, step)).message_post(
            body=body,
            message_type="comment",
            subtype_xmlid=subtype,
            partner_ids=[self.agents[login].partner_id.id for login in mentioned],
            attachments=self.attachments(step),
            notify_skip_followers=True,
        )

    def paragraphs(self, story, step):
        """The text of a step as HTML; an empty line parts paragraphs."""
        parts = re.split(r"\n\s*\n", story.fill(step.text))
        return Markup().join(Markup("<p>%s</p>") % re.sub(r"\s+", " ", part) for part in parts)

    def mention(self, partner):
        return Markup(
            '<a href="/web#model=res.partner&amp;id=%s" class="o_mail_redirect"'
            ' data-oe-id="%s" data-oe-model="res.partner" target="_blank">@%s</a>'
        ) % (partner.id, partner.id, partner.name)

    def attachments(self, step):
        names = step.get("attach", "").split()
        return [(name, self.content(name)) for name in names]

    def content(self, name):
        with file_open(f"{MODULE}/demo/attachments/{name}", "rb") as source:
            return source.read()

    # Afterwards

    def date_messages(self, last):
        """Messages take their date from the wall clock: give them that of their story."""
        self.env.flush_all()
        self.env.execute_query(
            SQL("UPDATE mail_message SET date = create_date WHERE id > %s RETURNING id", last)
        )
        self.env["mail.message"].invalidate_model(["date"])

    def deliver(self, last):
        """Note that the agents' answers reached their customers, and old mentions their eyes."""
        notifications = self.env["mail.notification"]
        answers = self.env["mail.message"].search(
            [
                ("id", ">", last),
                ("model", "=", "telecom.ticket"),
                ("message_type", "=", "comment"),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            ]
        )
        customers = {
            ticket.id: ticket.partner_id
            for ticket in self.env["telecom.ticket"].browse(answers.mapped("res_id"))
        }
        notifications.create(
            [
                {
                    "mail_message_id": answer.id,
                    "author_id": answer.author_id.id,
                    "res_partner_id": customers[answer.res_id].id,
                    "notification_type": "email",
                    "notification_status": "sent",
                    "is_read": True,
                }
                for answer in answers
                if customers[answer.res_id] and not answer.notification_ids
            ]
        )
        notifications.search(
            [("mail_message_id", ">", last), ("notification_type", "=", "email")]
        ).write({"notification_status": "sent", "is_read": True})
        notifications.search(
            [
                ("mail_message_id", ">", last),
                ("mail_message_id.date", "<", self.now - UNREAD),
                ("is_read", "=", False),
            ]
        ).is_read = True

    def forget_triggers(self):
        """The due steps that lay in the past have been done."""
        self.env["ir.cron.trigger"].search(
            [
                ("cron_id", "=", self.ref("ir_cron_ticket_due").id),
                ("call_at", "<", self.now),
            ]
        ).unlink()
