import smtplib

# MAIL FROM with a size that the server does not take (RFC 1870, section 6.1).
TOO_LARGE = 552


def find_refusal(error):
    """What a mail server said when it refused a mail for good, such as "550 5.1.1 No such user".

    RFC 5321, section 4.2.1: a reply from 500 on is not to be tried again, one from 400 on is. A
    sender that is refused is our own set-up, which somebody will fix: no reply is lost for it.

    :param error: what ``smtplib`` raised
    :return: text; None: the mail may be tried again
    """
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            replies = list(recipients.values())
        case smtplib.SMTPSenderRefused(smtp_code=code) if code != TOO_LARGE:
            replies = []
        case smtplib.SMTPDataError() | smtplib.SMTPSenderRefused():
            replies = [(error.smtp_code, error.smtp_error)]
        case _:
            replies = []
    if not replies or any(code < 500 for code, _text in replies):
        return None
    texts = dict.fromkeys(f"{code} {_decode(text)}" for code, text in replies)
    return "; ".join(" ".join(text.split()) for text in texts)


def _decode(text):
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
