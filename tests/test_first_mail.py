"""A real mail becomes a ticket, and the answer to it a real mail, in one thread.

Everything is real but the internet: mail programs speak SMTP to a listener that hands each mail to
Odoo's own gateway script, Odoo serves a database of its own and sends to an SMTP server, and the
agent's answer takes the route of the web client.
"""

import contextlib
import smtplib
from email.message import EmailMessage
from email.utils import getaddresses, make_msgid

import pytest
import requests
from groundwork import cluster, databases, odoo_server, templates
from groundwork.mail import Gateway, Sink, smtp_arguments
from groundwork.tests import scratch

PREPARE = """
domain = env["mail.alias.domain"].create({"name": "telco.example"})
env.company.write({"name": "Acme Telecom", "alias_domain_id": domain.id})
agent = env["res.users"].create({
    "name": "Julie Martin", "login": "julie", "password": "julie", "email": "julie@telco.example",
    "group_ids": [(6, 0, env.ref("telecom_helpdesk.group_agent").ids)],
})
env["telecom.ticket.team"].create({
    "name": "Voice", "alias_name": "support", "member_ids": [(6, 0, agent.ids)],
    "wait_after_reply": True,
})
customer = env["res.partner"].create({"name": "Globex", "is_company": True})
env["res.partner"].create({
    "name": "Jane Doe", "email": "Jane.Doe@globex.example", "parent_id": customer.id,
})
env.cr.commit()
"""


class Agent:
    """An agent at work in the web client."""

    def __init__(self, url, database, login):
        self.url = url
        self.session = requests.Session()
        self.ask("/web/session/authenticate", {"db": database, "login": login, "password": login})

    def ask(self, route, params):
        answer = self.session.post(self.url + route, json={"params": params}, timeout=60).json()
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer["result"]

    def tickets(self):
        """All tickets, oldest first."""
        fields = ["number", "name", "state", "channel", "partner_id", "commercial_partner_id"]
        arguments = {"domain": [], "fields": fields, "order": "id"}
        return self.ask(
            "/web/dataset/call_kw",
            {"model": "telecom.ticket", "method": "search_read", "args": [], "kwargs": arguments},
        )

    def send_message(self, ticket, text):
        """Button "Send" of the ticket's chatter."""
        self.post(ticket, text, "mail.mt_comment")

    def log_note(self, ticket, text):
        self.post(ticket, text, "mail.mt_note")

    def post(self, ticket, text, subtype):
        self.ask(
            "/mail/message/post",
            {
                "thread_model": "telecom.ticket",
                "thread_id": ticket["id"],
                "post_data": {
                    "body": f"<p>{text}</p>",
                    "message_type": "comment",
                    "subtype_xmlid": subtype,
                },
            },
        )

    def messages(self, ticket):
        """What the chatter of a ticket shows, oldest first, as HTML."""
        result = self.ask(
            "/mail/thread/messages",
            {"thread_model": "telecom.ticket", "thread_id": ticket["id"], "fetch_params": {}},
        )
        messages = sorted(result["data"]["mail.message"], key=lambda message: message["id"])
        return [str(message["body"]) for message in messages]


def mail(subject, text, **headers):
    """A mail of Jane's to the support address."""
    message = EmailMessage()
    message["From"] = "Jane Doe <jane.doe@globex.example>"
    message["To"] = "support@telco.example"
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="globex.example")
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    return message


def send(message, port):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.send_message(message)


@pytest.fixture
def database():
    cluster.connect_environment()
    name = templates.clone("test", scratch("mail"))
    try:
        job = odoo_server.run("shell", "-d", name, "--no-http", script=PREPARE)
        assert job.returncode == 0, "\n".join(job.lines[-20:])
        yield name
    finally:
        databases.drop(name)


def test_mail_to_ticket_to_answer_to_ticket(database):
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(Sink())
        server = stack.enter_context(
            odoo_server.OdooServer(database, arguments=smtp_arguments(sink.port))
        )
        gateway = stack.enter_context(Gateway(server.port, database))
        agent = Agent(server.url, database, "julie")

        question = mail("No dial tone in Lyon", "Since this morning, on all phones.\n")
        send(question, gateway.port)

        [ticket] = agent.tickets()
        assert ticket["name"] == "No dial tone in Lyon"
        assert ticket["channel"] == "email"
        assert ticket["state"] == "new"
        assert ticket["partner_id"][1] == "Globex, Jane Doe"
        assert ticket["commercial_partner_id"][1] == "Globex"

        agent.log_note(ticket, "They forgot to pay.")
        agent.send_message(ticket, "We look at it.")
        [sent] = sink.wait_for(1)
        answer = sent.message
        assert sent.recipients == ["jane.doe@globex.example"]
        assert getaddresses([answer["From"]]) == [
            ("Julie Martin (Acme Telecom)", "support@telco.example")
        ]
        assert getaddresses([answer["Reply-To"]])[0][1] == "support@telco.example"
        assert answer["Subject"] == f"[{ticket['number']}] No dial tone in Lyon"
        assert answer["In-Reply-To"] == question["Message-ID"]
        assert question["Message-ID"] in answer["References"]
        assert "We look at it." in answer.get_body(("plain",)).get_content()
        assert agent.tickets()[0]["state"] == "waiting_customer"

        back = mail(
            f"Re: {answer['Subject']}",
            "Now it works again, and then not.\n",
            In_Reply_To=answer["Message-ID"],
            References=f"{answer['References']} {answer['Message-ID']}",
        )
        send(back, gateway.port)

        [same] = agent.tickets()
        assert same["id"] == ticket["id"]
        assert same["state"] == "open"
        order = ["Since this morning", "They forgot", "We look at it", "Now it works again"]
        chatter = "".join(agent.messages(same))
        assert sorted(order, key=chatter.find) == order
        assert all(chatter.count(text) == 1 for text in order)

        # The agent is told of it by mail; nothing else left, and above all not the note.
        _sent, told = sink.wait_for(2)
        assert told.recipients == ["julie@telco.example"]
        assert told.message["In-Reply-To"] == answer["Message-ID"]
        assert len(sink.mails) == 2
