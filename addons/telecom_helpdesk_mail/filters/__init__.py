"""What an incoming mail says about itself, read by small filters before anything is written.

A filter is a function that takes the mail (``ParsedMail``, around an ``EmailMessage``), may
repair it in place, and returns hints, a dict of plain values; later ones win. Filters are plain
Python: they know neither the database nor the ticket that the mail will end on. What a hint leads
to is up to the ticket. Each filter has mails in ``tests/fixtures/filters/<filter>/``, and beside
each mail what must come out of it.

====================== ============================================================================
``automatic``          no human wrote the mail: "reply" (out of office, read receipt, answer of a
                       calendar), "notice" (a system tells something) or "bulk" (a newsletter)
``no_acknowledgement`` True: whoever sent it wants no automatic answer
``list_address``       posting address of the mailing list that it came through
``bounce``             a delivery report: "addresses" (in lower case, the surest first),
                       "temporary" (bool), "reason" (one line), "message_ids" (of the mail that
                       came back)
``calendar``           METHOD of a calendar mail, such as "REQUEST" or "REPLY"
``protected``          "S/MIME" or "PGP": encrypted, nobody can read the text here
``keep_original``      True: the raw mail is to be kept whole
``recipients``         how many addresses were named in To and Cc, if more than 100
``forwarded``          "name", "address" and "subject" of the mail that was forwarded
``authentication``     "address" that mail servers judged (empty: From is not plain), "verdicts":
                       "pass", "fail" or "doubt" by server
``language``           language that the mail declares, such as "fr"
``reply_to``           Reply-To, where it differs from From
``subject``            the whole subject, where it is too long to be shown
``mended``             set of what had to be mended: "message_id", "headers", "date", "boundary",
                       "winmail"
====================== ============================================================================
"""

import logging

from .authentication import find_authentication
from .automatic import find_automatic
from .bounce import find_bounce
from .bulk import find_bulk
from .calendar import find_calendar
from .content import Content, read_content
from .date import find_date
from .forward import find_forward
from .headers import find_headers
from .parsed_mail import ParsedMail
from .message_id import find_message_id
from .protection import find_protection
from .sender import find_sender
from .size import find_size
from .structure import find_structure
from .winmail import find_winmail

_logger = logging.getLogger(__name__)

# In the order in which they look: first those that make the mail readable for the others. What a
# sender declares (automatic) goes over what is concluded (bulk).
FILTERS = (
    find_message_id,
    find_headers,
    find_date,
    find_structure,
    find_winmail,
    find_protection,
    find_bulk,
    find_automatic,
    find_calendar,
    find_bounce,
    find_forward,
    find_authentication,
    find_sender,
    find_size,
)


def read_mail(mail):
    """All hints on ``mail``, a dict, and its :class:`Content`; the mail is mended in place.

    Never raises: a filter that fails has nothing to say, and what cannot be read is a file.
    """
    parsed = ParsedMail(mail)
    hints = {}
    for find in FILTERS:
        try:
            hints.update(find(parsed))
        except Exception:  # a filter's fault must not cost the mail
            _logger.warning("Mail filter %s failed", find.__name__, exc_info=True)
            parsed.changed()
    if parsed.mended:
        hints["mended"] = parsed.mended
    try:
        content = read_content(parsed)
    except Exception:  # as above
        _logger.warning("The text of a mail cannot be read", exc_info=True)
        content = Content(is_whole=False)
    parsed.simplify()
    return hints, content
