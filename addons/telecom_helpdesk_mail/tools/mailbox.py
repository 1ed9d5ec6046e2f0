import poplib
from collections import Counter
from imaplib import IMAP4


class Fetch:
    """What a run of the fetch knows of the mailbox and the mail in hand.

    ``handled`` is set once the transaction of the mail is committed. ``left`` counts the mails that
    stay unread, by the id of their mailbox.
    """

    def __init__(self):
        self.left = Counter()
        self.open_mailbox(False, False)
        self.next_mail()

    def open_mailbox(self, server_id, team_id):
        self.server_id = server_id
        self.team_id = team_id

    def next_mail(self):
        self.handled = False
        self.unreadable = None

    def leave_mail(self):
        self.left[self.server_id] += 1


class Mailbox:
    """Odoo's connection to a mailbox, so that no mail in it is forgotten.

    It stands before whatever ``fetchmail.server._connect__`` returns and hands it all but what is
    below, so that it serves IMAP, POP, TLS and the sign-in of Odoo's Gmail and Outlook modules.

    - A mail is read without being marked (``BODY.PEEK[]``): whoever is killed midway leaves it
      unread. The numbers stay right until the end, as IMAP servers drop no message while only
      FETCH, STORE and SEARCH are said (RFC 3501, section 7.4.1).
    - A mail is marked as seen, or deleted by POP, only when ``fetch`` says that it was handled.
    - A mail that the server does not hand out does not keep the others from being fetched.
    """

    def __init__(self, connection, fetch):
        self._connection = connection
        self._fetch = fetch

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def retrieve_unread_messages(self):
        """Pairs of number and content (bytes); the content is None where it cannot be read, and
        then ``fetch.unreadable`` is the reason.
        """
        read = self._peek if isinstance(self._connection, IMAP4) else self._retrieve
        unread = self._connection._unread_messages
        while unread:
            number = unread.pop()
            self._fetch.next_mail()
            yield number, read(number)

    def _peek(self, number):
        try:
            status, data = self._connection.fetch(number, "(BODY.PEEK[])")
        except IMAP4.abort:
            raise
        except IMAP4.error as error:
            self._fetch.unreadable = error
            return None
        # What the server tells unasked, such as changed flags, may stand around the content.
        for part in data:
            if status == "OK" and isinstance(part, tuple):
                return part[1]
        self._fetch.unreadable = IMAP4.error(f"FETCH answered {status} {data}")
        return None

    def _retrieve(self, number):
        try:
            return b"\n".join(self._connection.retr(number)[1])
        except poplib.error_proto as error:
            if not isinstance(error.args[0], bytes):
                raise  # not what the server answered: the connection is broken
            self._fetch.unreadable = error
            return None

    def handled_message(self, number):
        if self._fetch.handled:
            self._connection.handled_message(number)
        else:
            self._fetch.leave_mail()

    def disconnect(self):
        try:
            self._connection.disconnect()
        except (IMAP4.error, poplib.error_proto) as error:
            # Odoo expects no others; they would keep it from the mailboxes after this one.
            raise OSError(str(error)) from error
