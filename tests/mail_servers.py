"""Postfix and Dovecot of the test's own: private folders, ports and queues.

Mail for the operator (telco.example) goes to our pipe script, as ``docs/mail.md`` says; mail for
the customer (globex.example) goes to mailboxes that Dovecot serves.
"""

import contextlib
import email
import email.policy
import imaplib
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import live
import pytest
from groundwork.mail import MAILGATE
from groundwork.odoo_server import dies_with_parent, free_port

HOST = "127.0.0.1"
# Where Debian keeps programs that daemons run.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
PASSWORD = "customer"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mx.telco.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
smtputf8_enable = yes

relay_domains = telco.example
relay_recipient_maps = texthash:{folder}/transport
transport_maps = texthash:{folder}/transport
telecom_destination_recipient_limit = 1
message_size_limit = 52428800

virtual_mailbox_domains = globex.example
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_mailbox_base = {folder}/mail
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER_CF = """\
{port}    inet  n  -  n  -  -  smtpd
pickup    unix  n  -  n  60 1  pickup
cleanup   unix  n  -  n  -  0  cleanup
qmgr      unix  n  -  n  300 1 qmgr
rewrite   unix  -  -  n  -  -  trivial-rewrite
bounce    unix  -  -  n  -  0  bounce
defer     unix  -  -  n  -  0  bounce
trace     unix  -  -  n  -  0  bounce
proxymap  unix  -  -  n  -  -  proxymap
showq     unix  n  -  n  -  -  showq
error     unix  -  -  n  -  -  error
retry     unix  -  -  n  -  -  error
virtual   unix  -  n  n  -  -  virtual
flush     unix  n  -  n  1000? 0 flush
anvil     unix  -  -  n  -  1  anvil
postlog   unix-dgram n - n  -  1  postlogd
telecom   unix  -  n  n  -  4  pipe
  flags=DR user={user} argv={python} {folder}/telecom-mailgate --config {folder}/mailgate.conf
"""
DOVECOT_CONF = """\
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot.log
protocols = imap
listen = {host}
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%d/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%d/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def program(name):
    return shutil.which(name, path=PATH)


def skip_unless_installed():
    if os.geteuid():
        pytest.skip("only root may run Postfix")
    for name in ("postfix", "dovecot", "python3"):
        if not program(name):
            pytest.skip(f"{name} is not installed")
    version = subprocess.check_output([program("dovecot"), "--version"], text=True)
    if not version.startswith("2.3."):
        pytest.skip(f"the configuration is Dovecot 2.3's, not that of {version.strip()}")


class MailServers:
    """Use as a context manager; ``settings`` are those of the pipe script, by their names."""

    def __init__(self, settings, mailboxes):
        self.settings = settings
        self.mailboxes = mailboxes
        self.port, self.imap_port = free_port(), free_port()
        self._postfix = self._dovecot = None

    def __enter__(self):
        # Not pytest's folder, which only root may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="telecom-mail-"))
        try:
            self._write_configuration()
            self.start_postfix()
            self._dovecot = self._start(
                [program("dovecot"), "-F", "-c", str(self.folder / "dovecot.conf")], self.imap_port
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_postfix()
        self._end(self._dovecot)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_configuration(self):
        nobody = pwd.getpwnam("nobody")
        values = {
            "folder": self.folder,
            "host": HOST,
            "port": self.port,
            "imap_port": self.imap_port,
            "password": PASSWORD,
            "python": program("python3"),
            "user": nobody.pw_name,
            "uid": nobody.pw_uid,
            "gid": nobody.pw_gid,
        }
        self.folder.chmod(0o755)
        for name in ("queue", "data", "mail", "config"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", nobody.pw_uid, nobody.pw_gid)
        shutil.copy(MAILGATE, self.folder / "telecom-mailgate")
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        secret = self.folder / "mailgate.conf"
        secret.touch(0o600)
        shutil.chown(secret, nobody.pw_uid)
        secret.write_text("[odoo]\n" + "\n".join(lines) + "\n")
        addresses = ("support", "bounce", "catchall")
        transport = "".join(f"{name}@telco.example telecom:\n" for name in addresses)
        (self.folder / "transport").write_text(transport)
        mailboxes = "".join(
            f"{name}@globex.example globex.example/{name}/\n" for name in self.mailboxes
        )
        (self.folder / "mailboxes").write_text(mailboxes)
        (self.folder / "config" / "main.cf").write_text(MAIN_CF.format(**values))
        (self.folder / "config" / "master.cf").write_text(MASTER_CF.format(**values))
        (self.folder / "dovecot.conf").write_text(DOVECOT_CONF.format(**values))

    # Processes

    def start_postfix(self):
        config = str(self.folder / "config")
        self._postfix_command("postfix", "check")  # makes the folders of the queue
        daemons = subprocess.check_output(
            [program("postconf"), "-c", config, "-hx", "daemon_directory"], text=True
        ).strip()
        self._postfix = self._start([f"{daemons}/master", "-c", config, "-d"], self.port)

    def stop_postfix(self):
        self._end(self._postfix)
        self._postfix = None

    def _postfix_command(self, name, *arguments):
        done = subprocess.run(
            [program(name), "-c", str(self.folder / "config"), *arguments],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self, line, port):
        process = subprocess.Popen(
            dies_with_parent(line), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection((HOST, port), timeout=5).close()
                return process
            time.sleep(0.05)
        self._end(process)
        logs = [path.read_text() for path in self.folder.glob("*.log")]
        pytest.fail(f"{line[0]} does not listen on port {port}:\n" + "\n".join(logs))

    def _end(self, process):
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    # What is in them

    def queue(self):
        """What waits in Postfix's queue: pairs of recipient and why it was put off."""
        mails = [json.loads(line) for line in self._postfix_command("postqueue", "-j").splitlines()]
        return [
            (recipient["address"], recipient.get("delay_reason", ""))
            for mail in mails
            for recipient in mail["recipients"]
        ]

    def flush(self):
        self._postfix_command("postqueue", "-f")

    def exit_codes(self):
        """Status words of the pipe's deliveries so far, such as "sent" and "deferred"."""
        log = (self.folder / "postfix.log").read_text()
        return re.findall(r"postfix/pipe\[\d+\]: .* status=(\w+)", log)

    def inbox(self, name):
        """Mails (EmailMessage) in a customer's mailbox, oldest first, read by IMAP."""
        with imaplib.IMAP4(HOST, self.imap_port, timeout=60) as imap:
            imap.login(f"{name}@globex.example", PASSWORD)
            _status, [count] = imap.select(readonly=True)
            if not int(count):
                return []
            _status, answer = imap.fetch("1:*", "(RFC822)")
            return [
                email.message_from_bytes(part[1], policy=email.policy.default)
                for part in answer
                if isinstance(part, tuple)
            ]

    def wait_for_inbox(self, name, number):
        """The mails in a mailbox once there are at least ``number``."""
        live.wait_until(
            lambda: len(self.inbox(name)) >= number, f"{number} mails in the box of {name}"
        )
        return self.inbox(name)
