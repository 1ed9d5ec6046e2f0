"""As many tickets as wanted, alike for all contenders, in seconds.

A few tickets are made through the ORM, one for each stage; the rest are copies of these rows in
SQL, with customer, team, agent, subject, number, priority and dates of their own. So every stored
column holds what the software itself puts there. Ticket `i` of any contender has the same
customer, team, agent and age.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from .contenders import DOMAIN, TEAMS, Contender

AGENTS = 50
PARTNERS = 5000
YEARS = 3
MESSAGES = ("customer", "agent", "customer")
GROUPS = ("base.group_user",)


@dataclass
class People:
    """Ids: `companies` and `partners` (companies and their contacts), `members` of each team."""

    companies: list[int]
    partners: list[int]
    members: list[list[int]]

    @property
    def agent(self) -> int:
        """The user whose work is measured."""
        return self.members[0][0]


def set_up(env, contenders: list[Contender], partners: int = PARTNERS) -> People:
    """Makes customers and agents, then every contender's teams; each agent is in two teams."""
    companies = env["res.partner"].create(
        [
            {"name": f"Customer {i}", "is_company": True, "email": f"office@c{i}.example.com"}
            for i in range(partners // 2)
        ]
    )
    contacts = env["res.partner"].create(
        [
            {"name": f"Contact {i}", "parent_id": company.id, "email": f"me@c{i}.example.com"}
            for i, company in enumerate(companies)
        ]
    )
    groups = [*GROUPS, *(each.agent_group for each in contenders if each.agent_group)]
    agents = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Agent {i}",
                    "login": f"agent{i}",
                    "email": f"agent{i}@{DOMAIN}",
                    "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
                }
                for i in range(AGENTS)
            ]
        )
    )
    members = [
        agents.filtered(lambda agent, team=team: team in _teams_of(agents.ids.index(agent.id)))
        for team in range(TEAMS)
    ]
    env.company.alias_domain_id = env["mail.alias.domain"].create({"name": DOMAIN})
    for contender in contenders:
        contender.set_up(env, members)
    return People(companies.ids, (companies | contacts).ids, [users.ids for users in members])


def _teams_of(agent: int) -> tuple[int, int]:
    return agent % TEAMS, (agent + 1 + agent // TEAMS) % TEAMS


def fill(env, contenders: list[Contender], people: People, size: int) -> None:
    """Leaves every contender with `size` tickets in place of what it had."""
    empty(env, contenders)
    for contender in contenders:
        samples = _make_samples(env, contender, people)
        copy(env, contender, people, samples, size)
        _add_messages(env, contender, samples)
        _add_followers(env, contender)


def empty(env, contenders: list[Contender]) -> None:
    """Removes the contenders' tickets, and every message."""
    env.cr.execute(
        SQL(
            "TRUNCATE mail_message, mail_followers, %s RESTART IDENTITY CASCADE",
            SQL(", ").join(SQL.identifier(each.table()) for each in contenders),
        )
    )


def copy(env, contender: Contender, people: People, samples, size: int, years=YEARS) -> None:
    """Makes `size` tickets out of `samples` ({role: id}), with the rows that are parts of them.

    They came in evenly over the last `years`.
    """
    env.cr.execute(
        """CREATE TEMPORARY TABLE IF NOT EXISTS bench_customer ON COMMIT DROP AS
           SELECT id, row_number() OVER (ORDER BY id) - 1 AS number
             FROM res_partner WHERE id = ANY(%s)""",
        [people.partners],
    )
    _copy_tickets(
        env, contender, people, samples, size - len(set(samples.values())), years * 365.25 * 86400
    )
    for table, column in contender.parts.items():
        _copy_parts(env, contender, samples, table, column)
    contender.complete(env)


def check_alike(env, contenders: list[Contender], people: People) -> None:
    """Raises ValueError unless all contenders count the same tickets for some customers."""
    customers = env["res.partner"].browse(people.companies[:20])
    counts = {}
    for contender in contenders:
        if contender.counter_fields:
            total, still_open = contender.counter_fields[:2]
            counts[contender.key] = [(each[total], each[still_open]) for each in customers]
    first, *others = counts.values()
    if any(first != other for other in others) or not any(total for total, _open in first):
        raise ValueError(f"the contenders do not count alike: {counts}")


def _make_samples(env, contender: Contender, people: People) -> dict[str, int]:
    """One ticket for each role of a stage, which went there step by step: {role: id}."""
    samples = {}
    for number, role in enumerate(contender.stages):
        ticket = env[contender.model].create(
            contender.values(
                number,
                people.partners[number],
                contender.teams[0],
                contender.stages["new"],
                people.agent if role != "new" else False,
            )
        )
        for step in ("open", role) if role not in ("new", "open") else (role,):
            if ticket.stage_id.id != contender.stages[step]:
                ticket.stage_id = contender.stages[step]
                env.flush_all()
        samples[role] = ticket.id
    env.flush_all()
    env.cr.precommit.run()
    return samples


def _copy_tickets(
    env, contender: Contender, people: People, samples, count: int, period: float
) -> None:
    """Copies `samples` `count` times over `period` seconds: 5 % are open, all of them from the
    last tenth of the time.
    """
    own = {
        "name": SQL("'No dial tone at site ' || i"),
        "number": SQL("'B' || lpad(i::text, 7, '0')"),
        "partner_id": SQL("customer.id"),
        "commercial_partner_id": SQL("customer.commercial_partner_id"),
        "partner_name": SQL("customer.name"),
        "partner_email": SQL("customer.email"),
        "team_id": SQL("(%s)[1 + team]", contender.teams),
        "user_id": SQL(
            "CASE WHEN sample.user_id IS NOT NULL THEN (%s)[1 + team * %s + %s] END",
            [user for users in people.members for user in users],
            len(people.members[0]),
            _chance("i", 1, len(people.members[0])),
        ),
        "priority": SQL("(ARRAY['0', '1', '1', '1', '1', '1', '1', '2', '2', '3'])[1 + %s]",
                        _chance("i", 2, 10)),
        "access_token": SQL("NULL"),
    }  # fmt: skip
    columns = _columns(env, contender.table())
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s (%(names)s)
            SELECT %(values)s
              FROM (SELECT i, %(team)s AS team, %(partner)s AS partner,
                           CASE WHEN i <= %(count)s * 0.9 OR i %% 2 = 0 THEN %(closed)s
                                WHEN i %% 5 = 0 THEN %(new)s
                                WHEN i %% 5 < 3 THEN %(open)s
                                ELSE %(waiting)s END AS sample,
                           make_interval(secs => (%(count)s - i) * %(step)s) AS age
                      FROM generate_series(1, %(count)s) AS i) AS plan
              JOIN %(table)s AS sample ON sample.id = plan.sample
              JOIN bench_customer AS chosen ON chosen.number = plan.partner
              JOIN res_partner AS customer ON customer.id = chosen.id
             ORDER BY i
            """,
            table=SQL.identifier(contender.table()),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                own.get(name) or _shifted("sample", name, kind, SQL("age"))
                for name, kind in columns.items()
            ),
            team=_chance("i", 3, TEAMS),
            partner=_chance("i", 4, len(people.partners)),
            count=count,
            step=period / count,
            **samples,
        )
    )


def _copy_parts(env, contender: Contender, samples, table: str, column: str) -> None:
    """Gives every ticket the rows of `table` that its sample has, as old as the ticket."""
    columns = _columns(env, table)
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s (%(names)s)
            SELECT %(values)s
              FROM %(table)s AS part
              JOIN %(tickets)s AS sample ON sample.id = part.%(link)s
              JOIN %(tickets)s AS ticket ON ticket.stage_id = sample.stage_id
             WHERE sample.id = ANY(%(samples)s) AND ticket.id != ALL(%(samples)s)
             ORDER BY ticket.id, part.id
            """,
            table=SQL.identifier(table),
            tickets=SQL.identifier(contender.table()),
            link=SQL.identifier(column),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                SQL("ticket.id")
                if name == column
                else _shifted("part", name, kind, SQL("sample.create_date - ticket.create_date"))
                for name, kind in columns.items()
            ),
            samples=list(samples.values()),
        )
    )


def _add_messages(env, contender: Contender, samples) -> None:
    """A conversation of a few mails on every ticket."""
    ticket = env[contender.model].browse(samples["open"])
    message = ticket.message_post(
        body="Thank you, we look at it.", subtype_xmlid="mail.mt_note", message_type="comment"
    )
    env.flush_all()
    columns = _columns(env, "mail_message")
    own = {
        "res_id": SQL("ticket.id"),
        "author_id": SQL("CASE WHEN turn.who = 'customer' THEN ticket.partner_id"
                         " ELSE coalesce(agent.partner_id, part.author_id) END"),
        "message_id": SQL("'<bench-%s-' || ticket.id || '-' || turn.n || '@example.com>'",
                          SQL(contender.key)),
        "subtype_id": SQL("%s", env.ref("mail.mt_comment").id),
        "is_internal": SQL("false"),
    }  # fmt: skip
    env.cr.execute(
        SQL(
            """
            INSERT INTO mail_message (%(names)s)
            SELECT %(values)s
              FROM mail_message AS part
              CROSS JOIN unnest(%(turns)s) WITH ORDINALITY AS turn(who, n)
              CROSS JOIN %(tickets)s AS ticket
              LEFT JOIN res_users AS agent ON agent.id = ticket.user_id
             WHERE part.id = %(message)s
             ORDER BY ticket.id, turn.n
            """,
            tickets=SQL.identifier(contender.table()),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                own.get(name) or _shifted("part", name, kind, SQL("part.date - ticket.create_date"))
                for name, kind in columns.items()
            ),
            turns=list(MESSAGES),
            message=message.id,
        )
    )


def _add_followers(env, contender: Contender) -> None:
    """The customer and the agent in charge follow every ticket's public messages."""
    env.cr.execute(
        SQL(
            """
            WITH added AS (
                INSERT INTO mail_followers (res_model, res_id, partner_id)
                SELECT DISTINCT %(model)s, ticket.id, who.partner_id
                  FROM %(tickets)s AS ticket
                  LEFT JOIN res_users AS agent ON agent.id = ticket.user_id
                 CROSS JOIN LATERAL (VALUES (ticket.partner_id), (agent.partner_id))
                         AS who(partner_id)
                 WHERE who.partner_id IS NOT NULL
                ON CONFLICT DO NOTHING
                RETURNING id
            )
            INSERT INTO mail_followers_mail_message_subtype_rel
                        (mail_followers_id, mail_message_subtype_id)
            SELECT id, %(subtype)s FROM added
            """,
            model=contender.model,
            tickets=SQL.identifier(contender.table()),
            subtype=env.ref("mail.mt_comment").id,
        )
    )


def _columns(env, table: str) -> dict[str, str]:
    """{name: type} of a table's columns, but for the id."""
    env.cr.execute(
        """SELECT column_name, data_type FROM information_schema.columns
           WHERE table_name = %s AND table_schema = current_schema AND column_name != 'id'
           ORDER BY ordinal_position""",
        [table],
    )
    return dict(env.cr.fetchall())


def _shifted(alias: str, name: str, kind: str, age: SQL) -> SQL:
    """Column `name` of `alias`; an instant is moved back by `age`."""
    column = SQL.identifier(alias, name)
    return SQL("%s - (%s)", column, age) if kind.startswith("timestamp") else column


def _chance(number: str, salt: int, choices: int) -> SQL:
    """0 to `choices` - 1, evenly but without pattern, the same for the same `number`."""
    return SQL(
        "(hashint4extended(%s, %s) & 2147483647)::int %% %s", SQL.identifier(number), salt, choices
    )


def tables(contenders: list[Contender]) -> list[str]:
    """Tables that are worth a VACUUM ANALYZE after filling."""
    own = [each.table() for each in contenders]
    parts = [table for each in contenders for table in each.parts]
    return [*own, *parts, "mail_message", "mail_followers", "res_partner"]
