from odoo.tests import BaseCase
from odoo.tools import html_sanitize
from odoo.tools.mail import append_content_to_html

from ...tools.message_text import read_text
from ...tools.subject import is_answer, strip_answer

# (what a mail program sends, its own words as they must come out)
HTML = [
    ("<p>Still <b>dead</b></p><p>Since 8</p>", "Still dead\n\nSince 8"),
    ("Thanks<br>all fine<blockquote>outage</blockquote>bye", "Thanks\nall fine\n\nbye"),
    (
        (
            '<div>Works again</div><div class="gmail_quote">On Monday we wrote:'
            "<blockquote>outage</blockquote></div>"
        ),
        "Works again",
    ),
    (
        '<div>Danke</div><hr><div id="divRplyFwdMsg">Von: Helpdesk</div><div>Ausfall</div>',
        "Danke",
    ),
    ('<p>Merci</p><div class="yahoo_quoted">panne</div>', "Merci"),
    (
        (
            "<p>Merci</p><div><b>De :</b> Support<br><b>Envoyé :</b> lundi<br></div>"
            "<p>panne générale</p>"
        ),
        "Merci",
    ),
    ("<p>a</p><style>.outage {}</style><!-- outage --><script>outage</script><p>b</p>", "a\n\nb"),
    ("", ""),
    (False, ""),
    ("<p></p>", ""),
]
PLAIN = [
    ("Still dead\n\n> outage\n>> urgent\nBye", "Still dead\n\n\n\nBye"),
    ("Danke\n\n-----Ursprüngliche Nachricht-----\nVon: X\nAusfall", "Danke"),
    ("Thanks\n\nFrom: Support\nSent: Monday\nTo: Me\n\noutage", "Thanks"),
    ("a < b > c", "a < b > c"),
]


class TestMessageText(BaseCase):
    def test_own_words_of_html_mails(self):
        for html, expected in HTML:
            with self.subTest(html=html):
                self.assertEqual(read_text(html_sanitize(html)), expected)

    def test_own_words_of_plain_mails(self):
        for text, expected in PLAIN:
            with self.subTest(text=text):
                body = append_content_to_html("", text, preserve=True)
                self.assertEqual(read_text(body).split(), expected.split())
                self.assertEqual(read_text(html_sanitize(body)).split(), expected.split())

    def test_quotes_count_where_somebody_forwards(self):
        html = "<p>See below</p><blockquote>No dial tone</blockquote>"
        self.assertEqual(read_text(html, with_quotes=True).split("\n")[-1], "No dial tone")

    def test_quotes_within_quotes_and_marks_of_odoo_are_left_out(self):
        inner = "<blockquote>one<blockquote>two</blockquote>three</blockquote>"
        self.assertEqual(read_text(f"<p>own</p>{inner}<p>mine</p>"), "own\n\nmine")
        marked = '<div data-o-mail-quote="1">a<div>b</div>c</div>'
        self.assertEqual(read_text(f"own{marked}mine"), "own\n\nmine")
        self.assertEqual(read_text('own<br data-o-mail-quote="1">mine'), "own\nmine")
        self.assertEqual(read_text('own<hr data-o-mail-quote="1"/>mine'), "own\nmine")
        self.assertIn("two", read_text(f"<p>own</p>{inner}", with_quotes=True))

    def test_deep_nesting_and_broken_html_are_read(self):
        self.assertEqual(read_text("<div>" * 5000 + "outage").strip(), "outage")
        self.assertEqual(read_text("<p>outage <b>now"), "outage now")
        self.assertEqual(read_text("\x01out\x02age"), "outage")

    def test_answers_are_known_by_their_subject(self):
        for subject in (
            "Re: x", "AW: x", "[ext] Re: x", "RE[2]: x", "Antw: x", "Re: Re: x",
            "Re(3): x", "RE : Rép. : x", "Rif: x", "Réf: x", "VS: x", "Odp: x",
        ):  # fmt: skip
            self.assertTrue(is_answer(subject), subject)
            self.assertEqual(strip_answer(subject), "x")
        for subject in ("Fwd: x", "WG: x", "TR: x", "Regarding x", "Reset: x", "", False):
            self.assertFalse(is_answer(subject), subject)
