"""A ticket's mail with real mail servers at both ends: Postfix, our pipe script, Dovecot.

What is to happen when either side is down happens here: no mail is lost, none comes twice.
"""

import contextlib
from email.utils import getaddresses

import live
import mail_servers
from groundwork import databases, odoo_server
from groundwork.mail import make_api_key, smtp_arguments

CUSTOMER = "jane.doe"


def a_while_later(database):
    """As if the pause before the next try were over; scheduled actions notice at once."""
    with databases.cursor(database) as cr:
        cr.execute(
            "UPDATE mail_mail SET scheduled_date = now() AT TIME ZONE 'UTC' "
            "WHERE state = 'outgoing' AND scheduled_date IS NOT NULL"
        )
        cr.execute(
            "UPDATE ir_cron_trigger SET call_at = now() AT TIME ZONE 'UTC' FROM ir_cron "
            "WHERE ir_cron.id = cron_id AND cron_name LIKE 'Mail: Email Queue%'"
        )
        assert cr.rowcount, "nobody planned another try"
    with databases.cursor("postgres") as cr:
        cr.execute("SELECT pg_notify('cron_trigger', %s)", [database])


def test_mail_between_real_mail_servers(database):
    mail_servers.skip_unless_installed()
    [(user,)] = live.query(database, "SELECT id FROM res_users WHERE login = 'mta'")
    server = odoo_server.OdooServer(database)
    settings = {"url": server.url, "database": database, "key": make_api_key(database, user)}
    with mail_servers.MailServers(settings, [CUSTOMER]) as servers, contextlib.ExitStack() as stack:
        server.arguments = smtp_arguments(servers.port)

        # Odoo is down: the mail waits in Postfix' queue, then it is one ticket.
        question = live.mail("No dial tone in Lyon", "Since this morning, on all phones.\n")
        live.send(question, servers.port)
        live.wait_until(lambda: any(reason for _to, reason in servers.queue()), "it is put off")
        [(recipient, reason)] = servers.queue()
        assert recipient == "support@telco.example"
        assert "no answer from Odoo" in reason
        assert servers.exit_codes() == ["deferred"]
        stack.enter_context(server)
        agent = live.Agent(server.url, database, "julie")
        servers.flush()
        live.wait_until(lambda: not servers.queue(), "the queue is empty")
        assert servers.exit_codes() == ["deferred", "sent"]
        [ticket] = agent.tickets()
        assert ticket["name"] == "No dial tone in Lyon"
        assert ticket["partner_id"][1] == "Globex, Jane Doe"

        # The acknowledgement leaves at once, by a scheduled action; the answer with the commit.
        [told] = servers.wait_for_inbox(CUSTOMER, 1)
        assert told["In-Reply-To"] == question["Message-ID"]
        agent.send_message(ticket, "We look at it.")
        answer = servers.wait_for_inbox(CUSTOMER, 2)[1]
        assert getaddresses([answer["From"]]) == [
            ("Julie Martin (Acme Telecom)", "support@telco.example")
        ]
        assert answer["Return-Path"] == "<bounce@telco.example>"
        assert "We look at it." in answer.get_body(("plain",)).get_content()

        # The outgoing server is down: the agent sees it, and the answer leaves later, once.
        servers.stop_postfix()
        agent.send_message(ticket, "It works again.")

        def notice():
            [row] = agent.call("telecom.ticket", "read", [ticket["id"]], ["unsent_notice"])
            return row["unsent_notice"]

        live.wait_until(notice, "the agent sees that it did not leave")
        assert f"{CUSTOMER}@globex.example has not left yet" in notice()
        servers.start_postfix()
        a_while_later(database)
        late = servers.wait_for_inbox(CUSTOMER, 3)[2]
        assert "It works again." in late.get_body(("plain",)).get_content()
        live.wait_until(lambda: not notice(), "the notice is gone")

        # The customer's answer to it comes back to the ticket; who is unknown is refused for good.
        reply = live.mail(f"Re: {late['Subject']}", "Thank you.\n", In_Reply_To=late["Message-ID"])
        live.send(reply, servers.port)
        live.wait_until(lambda: "Thank you." in "".join(agent.messages(ticket)), "it is there")
        assert len(agent.tickets()) == 1
        assert len(servers.inbox(CUSTOMER)) == 3
        agent.call("telecom.ticket", "write", [ticket["id"]], {"partner_id": False})
        agent.call(
            "telecom.ticket", "write", [ticket["id"]], {"partner_email": "gone@globex.example"}
        )
        agent.send_message(ticket, "Are you there?")

        def problems():
            return live.query(database, "SELECT note FROM mail_activity WHERE note LIKE '%550%'")

        live.wait_until(problems, "the agent is told")
        assert "gone@globex.example" in problems()[0][0]
