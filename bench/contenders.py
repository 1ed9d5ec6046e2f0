"""The three ticket models that are measured, and what each calls its things."""

TEAMS = 10
DOMAIN = "operator.example.com"  # of the support addresses


class Contender:
    """One ticket model. After `set_up`, `teams` and `stages` hold ids for `values` and `fill`."""

    key: str  # short name, in results
    model: str
    team_model: str
    member_field: str | None = None
    agent_group: str | None = None  # what an agent of a team has there
    stages: dict[str, int]  # of "new", "open", "waiting" and "closed"
    teams: list[int]
    counter_fields: tuple[str, ...] = ()  # on res.partner: all tickets, open ones, ...
    open_domain: list | None = None  # as its own interface filters open tickets
    address: str  # of the first team: mail to it makes tickets
    # Rows that belong to a ticket and are filled along with it: table -> column of the ticket.
    parts: dict[str, str] = {}

    def set_up(self, env, agents):
        """Makes teams of these agents (list of lists of res.users) and finds the stages."""
        self.teams = (
            env[self.team_model]
            .create([self.team_values(number, users) for number, users in enumerate(agents)])
            .ids
        )
        self.stages = self.find_stages(env)
        self.address = f"{self.key}@{DOMAIN}"

    def team_values(self, number, users):
        values = {"name": f"Team {number}", self.member_field: [(6, 0, users.ids)]}
        if number == 0:
            values["alias_name"] = self.key
        return values

    def find_stages(self, env):
        raise NotImplementedError

    def complete(self, env):
        """Mends what copying rows of tickets and their parts cannot do."""

    def values(self, number, partner_id, team_id, stage_id, user_id):
        """What an agent fills in for one ticket: the five fields that all three have."""
        return {
            "name": f"No dial tone at site {number}",
            "partner_id": partner_id,
            "team_id": team_id,
            "stage_id": stage_id,
            "user_id": user_id,
        }

    def table(self):
        return self.model.replace(".", "_")


class Ours(Contender):
    key = "ours"
    model = "telecom.ticket"
    team_model = "telecom.ticket.team"
    member_field = "member_ids"
    agent_group = "telecom_helpdesk.group_agent"
    counter_fields = ("telecom_ticket_count", "telecom_open_ticket_count")
    open_domain = [("is_done", "=", False)]
    parts = {
        "telecom_ticket_transition": "ticket_id",
        "telecom_sla_term": "ticket_id",
        "telecom_sla_event": "ticket_id",
        "telecom_sla_clock": "ticket_id",
    }

    def complete(self, env):
        env.cr.execute(
            """
            UPDATE telecom_ticket AS ticket SET sla_term_id = term.id
              FROM telecom_sla_term AS term WHERE term.ticket_id = ticket.id;
            UPDATE telecom_sla_clock AS clock SET term_id = ticket.sla_term_id
              FROM telecom_ticket AS ticket WHERE ticket.id = clock.ticket_id;
            -- What ran out long ago was noticed then.
            UPDATE telecom_sla_clock
               SET state = 'missed', breached_at = deadline, alert_level = '3', next_due_at = NULL
             WHERE state = 'running' AND deadline < now() AT TIME ZONE 'UTC';
            UPDATE telecom_ticket SET sla_state = 'breached' WHERE id IN (
                SELECT ticket_id FROM telecom_sla_clock
                 WHERE state = 'missed' AND reached_at IS NULL);
            """
        )

    def find_stages(self, env):
        names = {
            "new": "stage_new",
            "open": "stage_in_progress",
            "waiting": "stage_waiting_customer",
            "closed": "stage_closed",
        }
        return {role: env.ref(f"telecom_helpdesk.{name}").id for role, name in names.items()}

    def values(self, number, *args):
        text = f"<p>Since this morning no calls at site {number}.</p>"
        return {**super().values(number, *args), "description": text}


class Peer(Contender):
    key = "peer"
    model = "helpdesk.ticket"
    team_model = "helpdesk.ticket.team"
    member_field = "user_ids"
    # Sees the tickets of their teams and those without one, as our agents do.
    agent_group = "helpdesk_mgmt.group_helpdesk_user_team"
    counter_fields = (
        "helpdesk_ticket_count",
        "helpdesk_ticket_active_count",
        "helpdesk_ticket_count_string",
    )
    open_domain = [("stage_id.closed", "=", False)]
    parts = {"helpdesk_ticket_sla": "ticket_id"}

    def set_up(self, env, agents):
        super().set_up(env, agents)
        env["helpdesk.sla"].create(
            [
                {"name": "First response", "hours": 2, "stage_id": self.stages["open"]},
                {
                    "name": "Resolution",
                    "hours": 8,
                    "stage_id": self.stages["closed"],
                    "ignore_stage_ids": [(6, 0, [self.stages["waiting"]])],
                },
            ]
        )

    def team_values(self, number, users):
        return {**super().team_values(number, users), "use_sla": True}

    def find_stages(self, env):
        names = {"new": "new", "open": "in_progress", "waiting": "awaiting", "closed": "done"}
        return {
            role: env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}").id
            for role, name in names.items()
        }

    def values(self, number, *args):
        text = f"<p>Since this morning no calls at site {number}.</p>"
        return {**super().values(number, *args), "description": text}


class Floor(Contender):
    key = "floor"
    model = "bench.ticket"
    team_model = "bench.team"

    def set_up(self, env, agents):
        super().set_up(env, agents)
        env["mail.alias"].create(
            {
                "alias_name": self.key,
                "alias_domain_id": env.company.alias_domain_id.id,
                "alias_model_id": env["ir.model"]._get_id(self.model),
                "alias_defaults": repr({"team_id": self.teams[0]}),
            }
        )

    def team_values(self, number, users):
        return {"name": f"Team {number}"}

    def find_stages(self, env):
        roles = ("new", "open", "waiting", "closed")
        stages = env["bench.stage"].create(
            [{"name": role, "sequence": number} for number, role in enumerate(roles)]
        )
        return dict(zip(roles, stages.ids, strict=True))
