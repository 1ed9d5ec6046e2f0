"""A real mail becomes a ticket, and the answer to it a real mail, in one thread.

Everything is real but the internet: mail programs speak SMTP to a listener that hands each mail to
our pipe script, Odoo serves a database of its own and sends to an SMTP server, and the
agent's answer takes the route of the web client.
"""

import contextlib
from email.utils import getaddresses

from groundwork import odoo_server
from groundwork.mail import Gateway, Sink, smtp_arguments
from live import Agent, mail, send


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

        [told] = sink.wait_for(1)
        assert told.recipients == ["jane.doe@globex.example"]
        assert ticket["number"] in told.message["Subject"]
        assert told.message["In-Reply-To"] == question["Message-ID"]

        agent.log_note(ticket, "They forgot to pay.")
        agent.send_message(ticket, "We look at it.")
        _told, sent = sink.wait_for(2)
        answer = sent.message
        assert sent.recipients == ["jane.doe@globex.example"]
        assert getaddresses([answer["From"]]) == [
            ("Julie Martin (Acme Telecom)", "support@telco.example")
        ]
        assert getaddresses([answer["Reply-To"]])[0][1] == "support@telco.example"
        assert answer["Subject"] == f"[{ticket['number']}] No dial tone in Lyon"
        assert answer["In-Reply-To"] == told.message["Message-ID"]
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
        told = sink.wait_for(3)[-1]
        assert told.recipients == ["julie@telco.example"]
        assert told.message["In-Reply-To"] == answer["Message-ID"]
        assert len(sink.mails) == 3
