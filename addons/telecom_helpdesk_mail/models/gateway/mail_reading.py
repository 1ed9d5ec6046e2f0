from markupsafe import Markup, escape

from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all, html_sanitize

from odoo.addons.telecom_helpdesk.tools.message_text import html_to_text

from ...filters import read_mail
from ...filters.content import File
from ...filters.markup import words
from ...filters.parsed_mail import raw_header, set_header
from ...filters.text import ADDRESS

# Entered instead of a server that writes no name of its own into Authentication-Results.
NAMELESS = "-"
# Of the words in HTML: where cleaning it up loses more, the text is shown without it.
MOST_LOST = 0.1


class MailThread(models.AbstractModel):
    """What a mail says about itself, and what Odoo reads of it, made right."""

    _inherit = "mail.thread"

    @api.model
    def _read_hints(self, incoming, message):
        """Have the filters read ``message`` (EmailMessage), before Odoo does; it is mended."""
        incoming.hints, incoming.content = read_mail(message)
        incoming.content.is_whole &= incoming.is_whole
        if "recipients" in incoming.hints:
            self._drop_other_recipients(message)
        if incoming.hints.get("list_address") in self.env["mail.alias"]._get_support_addresses():
            # Our address is that of a group, and all mail comes through it.
            incoming.hints.pop("no_acknowledgement", None)
        incoming.is_own_copy = "X-Odoo-Objects" in message

    @api.model
    def _correct_message_dict(self, incoming, message_dict):
        """Put right what Odoo read (``message_dict``), and note it."""
        for name in ("recipients", "to"):
            message_dict[name] = self.env["mail.alias.domain"]._without_tags(message_dict[name])
        if incoming.message_id:
            message_dict["message_id"] = incoming.message_id
        references, in_reply_to = message_dict["references"], message_dict["in_reply_to"]
        if references and in_reply_to not in references:
            # Odoo looks at the one or at the other; a list that a program cut may miss the last.
            message_dict["references"] += f" {in_reply_to}"
        self._limit_recipients(incoming, message_dict)
        incoming.verdict = self._get_verdict(incoming.hints)
        self._name_sender(incoming, message_dict)
        incoming.message_dict = message_dict

    @api.model
    def _get_verdict(self, hints):
        """What our own mail server says of the sender: "pass", "fail", "doubt" or None.

        Anybody can write such a header, so that of others counts neither way.
        """
        said = hints.get("authentication")
        if not said:
            return None
        parameter = self.env["ir.config_parameter"].sudo()
        server = parameter.get_param("telecom_helpdesk_mail.authentication_server") or ""
        server = "".join(server.lower().split())
        return said["verdicts"].get("" if server == NAMELESS else server) if server else None

    @api.model
    def _drop_other_recipients(self, mail):
        """Leave our own addresses alone of a crowd: Odoo looks at each of it many times."""
        for name in ("To", "Cc", "Delivered-To", "Resent-To", "Resent-Cc"):
            if name in mail:
                found = [address.lower() for address in ADDRESS.findall(raw_header(mail, name))]
                own = self.env["mail.alias.domain"]._find_aliases(found)
                set_header(mail, name, ", ".join(dict.fromkeys(own)))

    @api.model
    def _limit_recipients(self, incoming, msg_dict):
        """Nobody of a crowd becomes a follower, or is proposed for an answer."""
        if "recipients" in incoming.hints:
            recipients = email_normalize_all(msg_dict["recipients"])
            own = self.env["mail.alias.domain"]._find_aliases(recipients)
            msg_dict.update(
                recipients=",".join(own), to=",".join(own), cc="", cc_filtered="", to_filtered=""
            )

    @api.model
    def _name_sender(self, incoming, msg_dict):
        """What the form on our website sends in our own name comes from who filled it in."""
        reply_to = incoming.hints.get("reply_to")
        if reply_to and email_normalize(msg_dict["email_from"]) in (
            self.env["mail.alias"]._get_support_addresses()
        ):
            msg_dict["email_from"] = msg_dict["from"] = reply_to

    # Text and files, as the filters read them

    @api.model
    def _extract_content(self, incoming, save_original):
        """What Odoo takes for text and files of a mail: dict of ``body`` and ``attachments``."""
        content = incoming.content
        files = list(content.files)
        if save_original or not content.is_whole:
            name = self.env._("original mail") + ".eml"
            files.append(File(name, "message/rfc822", incoming.raw))
        body = Markup().join(self._show_text(text, files) for text in content.texts)
        # Odoo shows pictures by their Content-ID when the message is posted. Its step in between
        # would take out what it holds for a mail of its own, in which a customer may have written.
        attachments = [
            self._Attachment(file.name, file.data, {"cid": file.cid} if file.cid else {})
            for file in files
        ]
        return {"body": body, "attachments": attachments}

    @api.model
    def _show_text(self, text, files):
        """HTML of a text of a mail. What would be lost by cleaning it up is added to ``files``."""
        if text.is_html:
            # As strictly as it is done when the message is stored, so that all losses show here.
            shown = html_sanitize(text.source, strip_classes=True)
            said = words(text.plain)
            lost = said - words(html_to_text(shown))
            if lost:
                files.append(File("message.html", "text/html", text.source.encode()))
            if len(lost) <= MOST_LOST * len(said):
                return shown
        return Markup("\n<pre>%s</pre>\n") % escape(text.plain)
