import time

from odoo.tests import BaseCase

from ...tools.keywords import MAX_TEXT, Keywords, Text, find_unusable

# (keyword, text, words found in it; None: it does not count)
CASES = {
    "French": [
        ("coupure", "Coupure totale depuis 8h", "Coupure"),
        ("coupure", "Une découpure de journal", None),
        ("coupure", "Plusieurs coupures ce matin", None),
        ("coup*", "Plusieurs coupures ce matin", "coupures"),
        ("pas de tonalité", "PAS DE TONALITE sur le poste 12", "PAS DE TONALITE"),
        ("pas de tonalité", "plus de tonalité", None),
        ("pas de tonalité", "Il n'y a pas\u00a0de\u202ftonalité", "pas de tonalité"),
        ("pas de tonalité", "pas de\r\n tonalité", "pas de tonalité"),
        ("pas de tonalité", "pas de tonalite\u0301 ici", "pas de tonalité"),
        ("pas de tonalité", "Il n'en a pas. De tonalité, rien", None),
        ("résiliation", "RÉSILIATION DE CONTRAT", "RÉSILIATION"),
        ("résiliation", "re\u0301siliation", "résiliation"),
        ("internet", "L’internet ne marche plus", "internet"),
        ("internet", "panne d'internet", "internet"),
        ("l'internet", "plus de l’internet", "l’internet"),
        ("hors service", "Ligne hors-service", "hors-service"),
        ("hors-service", "Ligne hors service", "hors service"),
        ("hors-service", "Ligne hors\u2011service", "hors\u2011service"),
        ("coeur de réseau", "Panne du cœur de réseau", "cœur de réseau"),
        ("cœur", "le coeur", "coeur"),
        ("Noël", "fermé à NOEL", "NOEL"),
        ("piratage", "« piratage » de la ligne", "piratage"),
        ("ça coupe", "Ca coupe sans cesse", "Ca coupe"),
        ("urgent", "urgentissime", None),
        ("portabilité", "portabi\u00adlité refusée", "portabilité"),
    ],
    "German": [
        ("kein Wählton", "KEIN WÄHLTON", "KEIN WÄHLTON"),
        ("kein Wählton", "kein Waehlton seit heute", "kein Waehlton"),
        ("kein Wählton", "kein Wahlton", "kein Wahlton"),
        ("kein Wählton", "kein „Wählton“ mehr", "kein „Wählton"),
        ("kein Waehlton", "Kein Wählton", "Kein Wählton"),
        ("kein Wählton", "kein Wa\u0308hlton", "kein Wählton"),
        ("kein Wählton", "Kein Wähltonproblem", None),
        ("Störung", "Stoerung in Bonn", "Stoerung"),
        ("Störung", "WLAN-Störung", "Störung"),
        ("Störung", "STÖRUNGEN", None),
        ("Störung*", "STÖRUNGEN", "STÖRUNGEN"),
        ("Ausfall", "Internetausfall", None),
        ("*ausfall", "Internetausfall seit 9 Uhr", "Internetausfall"),
        ("*ausfall", "Ausfall", "Ausfall"),
        ("*ausfall", "Ausfallzeit", None),
        ("*ausfall*", "mehrere Telefonausfälle", "Telefonausfälle"),
        ("Straße", "Hauptstr., Neue Strasse 4", "Strasse"),
        ("Strasse", "STRAßE", "STRAßE"),
        ("Kündigung", "KUENDIGUNG", "KUENDIGUNG"),
        ("Neue", "Nü", None),
        ("Nu", "Neue", None),
        ("für", "fur coat", "fur"),
        ("Rufnummernmitnahme", "Rufnummern-Mitnahme", "Rufnummern-Mitnahme"),
    ],
    "English": [
        ("outage", "OUTAGE in Leeds!", "OUTAGE"),
        ("outage", "outages", None),
        ("no dial tone", "There is no dial-tone", "no dial-tone"),
        ("no dial tone", "No dial tone.", "No dial tone"),
        ("no dial tone", "Is there a dial tone? No", None),
        ("no dial tone", "no_dial_tone", "no_dial_tone"),
        ("no dial tone", "no no dial tone", "no dial tone"),
        ("email", "My e-mail is down", "e-mail"),
        ("e-mail", "My email is down", "email"),
        ("e-mail", "My e mail is down", "e mail"),
        ("email", "My e mail is down", None),
        ("can't call", "I can’t call out", "can’t call"),
        ("cant call", "I can't call out", "can't call"),
        ("down", "download", None),
        ("down", "(down)", "down"),
        ("urgent", "ｕｒｇｅｎｔ: line dead", "ｕｒｇｅｎｔ"),
        ("urgent", "ur\u200bgent", "urgent"),
        ("urgent", "*URGENT*", "URGENT"),
        ("112", "Calls to 112 fail", "112"),
        ("112", "Invoice 1123", None),
        ("24/7", "We pay for 24/7 support", "24/7"),
        ("v1.2", "since v1.2 is out", "v1.2"),
        ("SIP", "gossip", None),
    ],
    "Spanish": [
        ("sin línea", "SIN LINEA desde ayer", "SIN LINEA"),
        ("sin línea", "sin líneas", None),
        ("avería", "¡AVERÍA!", "AVERÍA"),
        ("avería", "¿averia general?", "averia"),
        ("señal", "no hay senal", "senal"),
        ("corte", "Cortesía", None),
        ("corte*", "Cortes y más cortes", "Cortes"),
        ("vergüenza", "una verguenza", "verguenza"),
    ],
    "Dutch": [
        ("storing", "STORING in Gent", "STORING"),
        ("storing", "internetstoring", None),
        ("*storing", "internetstoring", "internetstoring"),
        ("geen kiestoon", "geen  kiestoon", "geen kiestoon"),
        ("ijdel", "\u0132DEL", "\u0132DEL"),
        ("één lijn", "een lijn", "een lijn"),
        ("foto's", "de foto’s", "foto’s"),
        ("opzeggen", "Ik wil opzeggen", "opzeggen"),
        ("coördinatie", "coordinatie", "coordinatie"),
    ],
    "other": [
        ("İstanbul", "istanbul", "istanbul"),
        ("łódź", "LODZ", "LODZ"),
        ("тревога", "Тревога!", "Тревога"),
        ("urgent", "", None),
        ("urgent", None, None),
    ],
}


class TestKeywords(BaseCase):
    def test_table(self):
        for language, cases in CASES.items():
            for keyword, text, expected in cases:
                with self.subTest(language=language, keyword=keyword, text=text):
                    found = Keywords(keyword).find(Text(text))
                    self.assertEqual(
                        [words for _keyword, words in found], [expected] * bool(expected)
                    )

    def test_every_keyword_found_is_named_as_the_manager_wrote_it(self):
        keywords = Keywords("Outage\n\n  no dial tone \nOutage\nfraud")
        found = keywords.find(Text("no dial-tone since the OUTAGE, no dial tone at all"))
        self.assertEqual(found, [("Outage", "OUTAGE"), ("no dial tone", "no dial-tone")])

    def test_unusable_keywords_are_found_out(self):
        self.assertEqual(
            find_unusable("outage\n!!!\nco*\n*a*\ncou*pure\n* outage\n\n**outage\ncoup*\n*ausfall"),
            [
                ("!!!", "empty"),
                ("co*", "short"),
                ("*a*", "short"),
                ("cou*pure", "star"),
                ("* outage", "star"),
                ("**outage", "star"),
            ],
        )
        self.assertFalse(Keywords("!!!"))

    def test_long_text_takes_no_time(self):
        text = "Die Störung l'internet hors-service " * 20_000
        keywords = Keywords("\n".join(f"kein Wählton {n}\n*ausfall{n}" for n in range(100)))
        start = time.perf_counter()
        self.assertFalse(keywords.find(Text(text)))
        self.assertLess(time.perf_counter() - start, 1)

    def test_text_is_read_to_a_limit(self):
        text = "a " * (MAX_TEXT // 2) + "outage"
        self.assertFalse(Keywords("outage").find(Text(text)))
