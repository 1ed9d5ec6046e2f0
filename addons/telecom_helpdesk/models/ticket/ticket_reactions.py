from odoo import api, models

from ...tools.change import Reaction, Reactions


class TelecomTicket(models.Model):
    """What happens when a ticket is created, and when something of it changes.

    Each line says what, then which method does it, then whose change or writing makes it happen
    (see ``Reaction``); nobody else calls these methods. They stand in the files of their subjects.
    """

    _inherit = "telecom.ticket"

    @api.model
    def _get_reactions(self):
        """Hook: the table, as ``Reactions``; addons put their lines into it.

        The order is that of the lines. Those of ``handed_in`` and ``own_values`` complete the
        values (list of dicts, in place) of new tickets: by what a person could have given, which
        is checked then, and by what the software alone gives. All others get tickets, and the
        ``Change``. After ``created`` comes ``_triage``.
        """
        return Reactions(
            handed_in=[
                Reaction("an archived team gives way to its successor", "_lead_to_current_team"),
                Reaction("the category gives the team", "_fill_from_category"),
                Reaction("whoever logs it for another team collaborates", "_keep_creator"),
            ],
            own_values=[
                Reaction("it gets its number", "_fill_numbers"),
                Reaction("the time of its assignment is noted", "_fill_assigned_at"),
            ],
            created=[
                Reaction("its priority is at least the tier's minimum", "_start_at_minimum"),
                Reaction("who chose the priority is noted", "_note_who_decided"),
                Reaction(
                    "the time of its assignment is noted",
                    "_stamp_assignment",
                    changed={"user_id"},
                ),
                Reaction(
                    "its collaborators follow it",
                    "_follow_collaborators",
                    changed={"collaborator_ids"},
                ),
                Reaction("its first state is logged", "_log_transitions"),
                Reaction("its customer follows it", "_follow_customer", changed={"partner_id"}),
                Reaction(
                    "related tickets are related to it",
                    "_mirror_related",
                    changed={"related_ids"},
                ),
                Reaction(
                    "a major incident is known from now on",
                    "_follow_incidents",
                    changed={"incident_kind"},
                ),
                Reaction(
                    "its customer is told what the incident's customers know",
                    "_get_latest_update",
                    changed={"parent_id"},
                ),
            ],
            before_write=[
                Reaction(
                    "refused where it was merged into another",
                    "_refuse_stage_of_merged",
                    written={"stage_id"},
                ),
                Reaction(
                    "what it is related to is remembered",
                    "_note_related",
                    written={"related_ids"},
                ),
            ],
            written=[
                Reaction(
                    "whoever hands it over still sees it, as a collaborator",
                    "_keep_access",
                    changed={"team_id", "user_id"},
                ),
                Reaction(
                    "who chose the priority is noted",
                    "_note_who_decided",
                    # Whoever confirms it along with its reasons leaves it to the software.
                    written={"priority"},
                ),
                Reaction(
                    "the time of its assignment is noted",
                    "_stamp_assignment",
                    changed={"user_id"},
                ),
                Reaction(
                    "its collaborators follow it",
                    "_follow_collaborators",
                    changed={"collaborator_ids"},
                ),
                Reaction(
                    "the change of state is logged",
                    "_log_transitions",
                    changed={"state"},
                ),
                Reaction(
                    "reopened, it has the tier that its customer has today",
                    "_renew_tier",
                    changed={"state"},
                ),
                Reaction("its customer follows it", "_follow_customer", changed={"partner_id"}),
                Reaction(
                    "its former customer hears no more of it",
                    "_part_from_former",
                    changed={"partner_id"},
                ),
                Reaction(
                    "the software chooses an agent anew, or leaves it in the queue",
                    "_follow_distribution",
                    changed={"active", "merged_into_id", "parent_id", "support_level", "team_id"},
                    # Whoever puts it into the queue wants it there, even if it was there before.
                    written={"user_id"},
                ),
                Reaction(
                    "related tickets are related to it",
                    "_mirror_related",
                    changed={"related_ids"},
                ),
                Reaction(
                    "a major incident is known as it is now",
                    "_follow_incidents",
                    changed={
                        "active",
                        "company_id",
                        "incident_kind",
                        "planned_from",
                        "planned_to",
                        "state",
                        "tie_new_tickets",
                    },
                ),
                Reaction(
                    "an incident that a person took it away from is not proposed again",
                    "_note_unrelated",
                    changed={"parent_id"},
                ),
                Reaction(
                    "its customer is told what the incident's customers know",
                    "_get_latest_update",
                    changed={"parent_id"},
                ),
                Reaction(
                    "it is linked to an incident that affects its service",
                    "_link_after_change",
                    changed={"partner_id", "service_id"},
                ),
                Reaction(
                    "what the scheduler does with it is planned anew",
                    "_plan_anew",
                    changed=self._due_fields(),
                ),
            ],
        )
