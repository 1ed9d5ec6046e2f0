from markupsafe import Markup, escape

from odoo import api, models
from odoo.tools import html_sanitize

from odoo.addons.telecom_helpdesk.tools.message_text import html_to_text

from ...filters.content import File
from ...filters.markup import words

# Of the words in HTML: where cleaning it up loses more, the text is shown without it.
MOST_LOST = 0.1


class MailThread(models.AbstractModel):
    """The text and the files of a mail, as the filters read them.

    Of Odoo's own reading the last HTML in the mail is left, whatever stands before it.
    """

    _inherit = "mail.thread"

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super()._message_parse_extract_payload(message, message_dict, save_original)
        content = delivery.content
        files = list(content.files)
        if save_original or not content.is_whole:
            name = self.env._("original mail") + ".eml"
            files.append(File(name, "message/rfc822", delivery.raw))
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
