"""The loop of a mail through both doors, and mails of every kind through a fetched mailbox.

Everything is real but the internet: a mail server that pipes mails to our script, an IMAP server
that Odoo fetches from, Odoo, an SMTP server for what it sends, and the agent's answer by the route
of the web client.
"""

import contextlib
import email
import email.policy
from email.utils import getaddresses

import live
import pytest
from groundwork import odoo_server
from groundwork.mail import Gateway, Sink, smtp_arguments
from groundwork.settings import PROJECT

FIXTURES = PROJECT / "addons" / "telecom_helpdesk_mail" / "tests" / "fixtures"
OUR_MAILS = sorted(
    path
    for pattern in ("*", "clients/*", "filters/charset/*", "filters/structure/*")
    for path in FIXTURES.glob(f"{pattern}.eml")
)
# A collection of other people's mails, which are not ours to hand on.
REAL_MAILS = sorted((PROJECT.parent / "shared" / "data" / "mail").glob("*.eml"))


@contextlib.contextmanager
def pipe(server, database, administrator):
    """A mail server that hands each mail over at once."""
    with Gateway(server.port, database) as gateway:
        yield lambda mail: live.send(mail, gateway.port)


@contextlib.contextmanager
def fetched(server, database, administrator):
    """A mailbox that Odoo fetches from."""
    with live.mailbox() as mailbox:
        box = administrator.connect(mailbox)

        def deliver(mail):
            mailbox.deliver(mail)
            administrator.fetch(box, mailbox)
            assert mailbox.unread() == 0

        yield deliver


@pytest.mark.parametrize(("door", "keeps_headers"), [(pipe, True), (fetched, False)])
def test_mail_ticket_answer_and_reply_are_one_ticket(database, door, keeps_headers):
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(Sink())
        server = stack.enter_context(
            odoo_server.OdooServer(database, arguments=smtp_arguments(sink.port))
        )
        administrator = live.Administrator(server.url, database)
        deliver = stack.enter_context(door(server, database, administrator))
        agent = live.Agent(server.url, database, "julie")

        question = live.mail("No dial tone in Lyon", "Since this morning, on all phones.\n")
        deliver(question)
        [ticket] = agent.tickets()
        assert ticket["name"] == "No dial tone in Lyon"
        assert (ticket["channel"], ticket["state"]) == ("email", "new")
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

        # A mail program that drops the headers leaves the subject and nothing else.
        headers = {
            "In_Reply_To": answer["Message-ID"],
            "References": f"{answer['References']} {answer['Message-ID']}",
        }
        subject = f"AW: {answer['Subject']}"
        text = "Now it works again, and then not.\n"
        deliver(live.mail(subject, text, **(headers if keeps_headers else {})))
        [same] = agent.tickets()
        assert same["id"] == ticket["id"]
        assert same["state"] == "open"
        order = ["Since this morning", "They forgot", "We look at it", "Now it works again"]
        chatter = "".join(agent.messages(same))
        assert sorted(order, key=chatter.find) == order
        assert all(chatter.count(text) == 1 for text in order)

        # The agent is told of it; nothing else left, and above all not the note.
        told = sink.wait_for(3)[-1]
        assert told.recipients == ["julie@telco.example"]
        assert told.message["In-Reply-To"] == answer["Message-ID"]
        assert len(sink.mails) == 3
        assert not any("forgot to pay" in sent.message.as_string() for sent in sink.mails)


def outcome(database):
    """What the mails became: numbers of tickets, of mails on tickets, of mails in quarantine."""
    [counts] = live.query(
        database,
        "SELECT (SELECT count(*) FROM telecom_ticket), (SELECT count(*) FROM mail_message "
        "WHERE model = 'telecom.ticket' AND message_type = 'email'), "
        "(SELECT count(*) FROM telecom_mail_quarantine)",
    )
    return counts


@pytest.mark.parametrize("mails", [OUR_MAILS, REAL_MAILS], ids=["ours", "real"])
def test_mails_end_as_ticket_reply_or_quarantine(database, mails):
    if not mails:
        pytest.skip("the collection of real-world mails is not here")
    with live.mailbox() as mailbox, odoo_server.OdooServer(database) as server:
        administrator = live.Administrator(server.url, database)
        [team] = administrator.call("telecom.ticket.team", "search", [["name", "=", "Voice"]])
        box = administrator.connect(mailbox, telecom_team_id=team)

        mailbox.deliver(*(path.read_bytes() for path in mails))
        administrator.fetch(box, mailbox)
        assert mailbox.flags() == [{"\\Seen"}] * len(mails)
        [problem] = administrator.call("fetchmail.server", "read", [box], ["error_message"])
        assert not problem["error_message"]
        first = tickets, on_tickets, quarantined = outcome(database)
        assert on_tickets + quarantined == len(mails)
        assert 0 < tickets <= on_tickets
        # Those that have a Message-ID can be followed one by one.
        kept = {
            message_id
            for (message_id,) in live.query(
                database,
                "SELECT message_id FROM mail_message WHERE model = 'telecom.ticket' UNION "
                "SELECT message_id FROM telecom_mail_quarantine",
            )
        }
        for path in mails:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
            if message_id := mail["Message-ID"]:
                assert message_id.strip() in kept, path.name

        mailbox.deliver(*(path.read_bytes() for path in mails))
        administrator.fetch(box, mailbox)
        assert mailbox.unread() == 0
        assert outcome(database) == first
