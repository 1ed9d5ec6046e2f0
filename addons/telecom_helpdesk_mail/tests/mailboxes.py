"""Mail servers to fetch from. A mailbox is a list of [content, seen]; content None is corrupt."""

from poplib import error_proto

from odoo.addons.mail.models import fetchmail


class ImapServer(fetchmail.OdooIMAP4):
    """An IMAP connection that breaks at a command, such as "FETCH 2"."""

    def __init__(self, box, breaks_at=None):
        self.box = box
        self.breaks_at = breaks_at
        self._unread_messages = None

    def login(self, user, password):
        return "OK", []

    def select(self, *args):
        return "OK", [str(len(self.box)).encode()]

    def search(self, charset, *criteria):
        unread = [str(n).encode() for n, (_raw, seen) in enumerate(self.box, 1) if not seen]
        return "OK", [b" ".join(unread)]

    def fetch(self, number, parts):
        self.check_line(f"FETCH {int(number)}")
        mail = self.box[int(number) - 1]
        if mail[0] is None:
            raise self.error("FETCH command error: BAD [b'Message is corrupt']")
        if parts == "(RFC822)":
            mail[1] = True
        return "OK", [b"7 (FLAGS (\\Answered))", (b"%s (BODY[] {1}" % number, mail[0]), b")"]

    def store(self, number, command, flags):
        self.check_line(f"STORE {int(number)}")
        self.box[int(number) - 1][1] = command == "+FLAGS"
        return "OK", []

    def check_line(self, command):
        if command == self.breaks_at:
            raise self.abort("socket error: EOF")

    def close(self):
        if self.breaks_at:
            raise self.error("command CLOSE illegal in state LOGOUT")

    def logout(self):
        pass


class PopServer(fetchmail.OdooPOP3):
    """A POP connection; what is deleted goes when it ends well."""

    def __init__(self, box, breaks_at=None):
        self.box = box
        self.breaks_at = breaks_at
        self.deleted = set()

    def user(self, user):
        pass

    def pass_(self, password):
        pass

    def stat(self):
        return len(self.box), 0

    def list(self):
        pass

    def retr(self, number):
        if self.breaks_at == f"RETR {number}":
            self.deleted.clear()
            raise error_proto("-ERR EOF")
        raw = self.box[number - 1][0]
        if raw is None:
            raise error_proto(b"-ERR message is corrupt")
        return b"+OK", raw.split(b"\n"), len(raw)

    def dele(self, number):
        self.deleted.add(number)

    def quit(self):
        self.box[:] = [mail for n, mail in enumerate(self.box, 1) if n not in self.deleted]
