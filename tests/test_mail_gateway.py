"""`telecom-mailgate.py` as a mail server runs it: what it hands over and what it answers."""

import http.server
import os
import subprocess
import sys
import threading

import live
import pytest
from groundwork import odoo_server
from groundwork.mail import MAILGATE, make_api_key

EX_TEMPFAIL = 75

LATIN_1 = """\
From: =?iso-8859-1?Q?Zo=EB?= <zoe@globex.example>
To: support@telco.example
Subject: =?iso-8859-1?Q?Panne_=E0_Li=E8ge?=
Message-ID: <latin-1@globex.example>
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Plus de tonalit\xe9 \xe0 Z\xfcrich.
""".encode("latin-1")


def pipe(raw, config=None, **settings):
    """Exit code of the script, and all that it said."""
    names = {f"TELECOM_MAILGATE_{name.upper()}": str(value) for name, value in settings.items()}
    options = ["--config", str(config or "/nowhere/telecom-mailgate.conf")]
    done = subprocess.run(
        [sys.executable, "-I", str(MAILGATE), *options],
        input=raw, capture_output=True, env=os.environ | names, timeout=live.PATIENCE, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def helpdesk(prepared_database):
    """A running Odoo and the settings of the smallest user that may hand over mail."""
    with (
        live.copy(prepared_database, "gateway") as name,
        odoo_server.OdooServer(name) as server,
    ):
        [(user,)] = live.query(name, "SELECT id FROM res_users WHERE login = 'mta'")
        yield {"url": server.url, "database": name, "key": make_api_key(name, user)}


def tickets(helpdesk):
    return [
        name
        for (name,) in live.query(
            helpdesk["database"], "SELECT name FROM telecom_ticket ORDER BY id"
        )
    ]


def test_a_mail_in_raw_latin_1_becomes_a_ticket_once(helpdesk, tmp_path):
    config = tmp_path / "telecom-mailgate.conf"
    lines = [f"{name} = {value}" for name, value in helpdesk.items()]
    config.write_text("[odoo]\n" + "\n".join(lines) + "\n")
    assert pipe(LATIN_1, config) == (0, "")
    assert pipe(LATIN_1, config) == (0, ""), "a mail server may hand it over twice"
    assert tickets(helpdesk).count("Panne à Liège") == 1
    [(body,)] = live.query(
        helpdesk["database"],
        "SELECT body FROM mail_message WHERE message_id = '<latin-1@globex.example>'",
    )
    assert "Plus de tonalité à Zürich." in body


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "secret-key-that-is-none"}, "Odoo answered 401"),
        ({"database": "no_such_database"}, "Odoo answered 404"),
        ({"url": "http://127.0.0.1:9"}, "no answer from Odoo: ConnectionRefusedError"),
        ({"url": "file:///etc/passwd"}, "does not begin with http"),
        ({"timeout": "soon"}, "ValueError"),
        ({"key": ""}, "does not say: key"),
    ],
)
def test_whatever_is_wrong_the_mail_server_keeps_the_mail(helpdesk, wrong, said):
    before = tickets(helpdesk)
    code, output = pipe(LATIN_1, **{**helpdesk, **wrong})
    assert code == EX_TEMPFAIL
    assert said in output
    assert output.count("\n") == 1
    assert helpdesk["key"] not in output
    assert "secret" not in output
    assert tickets(helpdesk) == before


def test_users_without_the_right_hand_over_nothing(helpdesk):
    name = helpdesk["database"]
    [(julie,)] = live.query(name, "SELECT id FROM res_users WHERE login = 'julie'")
    code, output = pipe(LATIN_1, **{**helpdesk, "key": make_api_key(name, julie)})
    assert (code, output) == (EX_TEMPFAIL, "telecom-mailgate: Odoo answered 403\n")


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A web server that is no Odoo: it redirects, and says yes to what it is redirected to."""

    def do_POST(self):
        self.send_response(200 if self.path.startswith("/proxy") else 302)
        self.send_header("Location", "/login")
        self.end_headers()
        self.wfile.write(b"<p>Welcome</p>")

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *args):
        pass


def test_who_is_not_odoo_takes_no_mail():
    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = {"url": f"http://127.0.0.1:{server.server_port}", "database": "x", "key": "y"}
        redirected = pipe(LATIN_1, **settings)
        welcomed = pipe(LATIN_1, **{**settings, "url": f"{settings['url']}/proxy"})
        server.shutdown()
    assert redirected == (EX_TEMPFAIL, "telecom-mailgate: Odoo answered 302\n")
    assert welcomed[0] == EX_TEMPFAIL
