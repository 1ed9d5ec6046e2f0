from odoo.tests import BaseCase

from ...tools.subject import find_numbers, number_subject, strip_subject


class TestSubject(BaseCase):
    """The number stands in the subject once, however often the mail went to and fro."""

    def test_strip_subject(self):
        for subject, expected in (
            ("No dial tone", "No dial tone"),
            ("Re: No dial tone", "No dial tone"),
            ("RE : AW: Rép. : [TT000123] Re: No dial tone", "No dial tone"),
            ("AW: [tt000123] SV: No dial tone", "No dial tone"),
            ("Re[2]: No dial tone", "No dial tone"),
            ("Re(3): No dial tone", "No dial tone"),
            ("Rif: Réf: Ref: No dial tone", "No dial tone"),
            ("[EXTERN] AW: No dial tone", "No dial tone"),
            ("[TT000123] [TT000123] No dial tone", "No dial tone"),
            ("Fwd: No dial tone", "Fwd: No dial tone"),
            ("WG: Kein Wählton", "WG: Kein Wählton"),
            ("TR : Pas de tonalité", "TR : Pas de tonalité"),
            ("[TT000999] Other ticket", "[TT000999] Other ticket"),
            ("Reset: of the router", "Reset: of the router"),
            ("Re:", ""),
            ("", ""),
            (False, ""),
            ("No\n dial\ttone", "No dial tone"),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(strip_subject(subject, "TT000123"), expected)

    def test_number_subject(self):
        for subject, expected in (
            ("No dial tone", "[TT000123] No dial tone"),
            ("Re: [TT000123] Re: No dial tone", "[TT000123] No dial tone"),
            ("Re:", "[TT000123]"),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(number_subject(subject, "TT000123"), expected)

    def test_find_numbers(self):
        for subject, expected in (
            ("Re: [TT000123] No dial tone at site 7", ["TT000123"]),
            ("AW: [tt000123] x", ["tt000123", "TT000123"]),
            ("WG: [EXTERN] [TT000123]: x", ["EXTERN", "TT000123"]),
            ("Re: TT/2026/0012, again", ["TT/2026/0012"]),
            ("Re: [Tk0012] x", ["Tk0012", "TK0012"]),
            ("Re: #123", ["123"]),
            ("No dial tone at site 12", []),
            ("", []),
            (False, []),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(find_numbers(subject), expected)
