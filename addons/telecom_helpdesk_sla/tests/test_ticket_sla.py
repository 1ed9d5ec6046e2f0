from .common import SlaCase, frozen


class TestTicketSla(SlaCase):
    """Promises through the user's doors: cards moved, mails, answers, merging."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.company_id.resource_calendar_id.tz = "Europe/Paris"

    def test_s3_clock_starts_at_creation_pauses_and_goes_on(self):
        with frozen("2026-03-02 08:00:00"):  # Monday, 9:00 in Paris
            ticket = self.make_ticket()
            self.promise(ticket, first=1, resolution=4, calendar=self.paris)
        first, resolution = self.clock(ticket, "first_response"), self.clock(ticket)
        self.assert_clock(
            first,
            "running",
            started_at="2026-03-02 08:00:00",
            deadline="2026-03-02 09:00:00",
            warning_at="2026-03-02 08:45:00",
            imminent_at="2026-03-02 08:45:00",
        )
        # Three hours until noon, one after lunch.
        self.assert_clock(resolution, "running", deadline="2026-03-02 13:30:00")
        self.assertEqual(ticket.sla_state, "on_track")
        self.assertEqual(str(ticket.sla_deadline), "2026-03-02 09:00:00")
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket)
            self.assert_clock(first, "met", reached_at="2026-03-02 08:30:00", consumed_seconds=1800)
            self.set_state(ticket, "waiting_customer")
        self.assert_clock(resolution, "paused", consumed_seconds=1800, deadline=None)
        self.assertEqual(ticket.sla_state, "paused")
        with frozen("2026-03-03 16:00:00"):  # Tuesday, 17:00 in Paris
            self.customer_writes(ticket)
        self.assertEqual(ticket.state, "open")
        # An hour until closing, two and a half on Wednesday.
        self.assert_clock(resolution, "running", deadline="2026-03-04 10:30:00")
        with frozen("2026-03-04 10:00:00"):
            self.set_state(ticket, "resolved")
            self.assert_clock(resolution, "met", consumed_seconds=3 * 3600 + 1800)
            self.assertEqual(ticket.sla_state, "met")
            self.assert_rebuilds(ticket)
