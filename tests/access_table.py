"""What each role may do, to be read like a page and reviewed like code.

What is not here is refused, and what is new and not here fails ``test_access_table.py``.

Rights are letters: (r)ead, (w)rite, (c)reate, (d)elete; "-" is none. The samples belong to the
first company: tickets of the voice team, of the internet team, and a major incident of the latter;
dialogs are open on somebody's screen. "c" of a dialog is that one may open one's own.
"""

ROLES = [
    "public", "customer", "other customer", "former contact", "internal", "agent",
    "other agent", "foreign agent", "manager", "foreign manager", "accountant",
    "foreign accountant", "administrator",
]  # fmt: skip

#                           public    other     internal  other a.  manager   account.  admini-
#                                customer  former    agent     foreign   foreign   foreign   strator
_RIGHTS = """
telecom.agent:                -    -    -    -    -    r    r    -    rw   -    -    -    rw
telecom.bill.time:            -    -    -    -    -    -    -    -    -    -    rwcd -    c
telecom.bill.time.line:       -    -    -    -    -    -    -    -    -    -    rwcd -    c
telecom.billing.lock:         -    -    -    -    -    -    -    -    -    -    -    -    -
telecom.billing.report:       -    -    -    -    -    -    -    -    r    -    r    -    r
telecom.billing.run:          -    -    -    -    -    -    -    -    -    -    r    -    r
telecom.billing.run.line:     -    -    -    -    -    -    -    -    -    -    r    -    r
telecom.contract:             -    -    -    -    -    r    r    -    rwcd -    r    -    rwcd
telecom.contract.due:         -    -    -    -    -    r    r    -    r    -    -    -    r
telecom.contract.period:      -    -    -    -    -    r    r    -    rw   -    -    -    rw
telecom.contract.type:        -    -    -    -    -    r    r    r    r    r    r    r    rwcd
telecom.hour.pack:            -    -    -    -    -    r    r    -    r    -    r    -    r
telecom.incident.add:         -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.incident.delivery:    -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.incident.link:         -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.incident.update:      -    -    -    -    -    r    rwcd -    rwcd -    -    -    rwcd
telecom.incident.update.text: -    -    -    -    -    r    rwcd -    rwcd -    -    -    rwcd
telecom.mail.attempt:         -    -    -    -    -    -    -    -    -    -    -    -    r
telecom.mail.block:           -    -    -    -    -    -    -    -    rwcd -    -    -    rwcd
telecom.mail.block:           -    -    -    -    -    -    -    -    r    r    -    -    rwcd
telecom.mail.discard:         -    -    -    -    -    -    -    -    rwc  c    -    -    c
telecom.mail.quarantine:      -    -    -    -    -    -    -    -    rw   -    -    -    rw
telecom.mail.receipt:         -    -    -    -    -    -    -    -    -    -    -    -    r
telecom.priority.matrix:      -    -    -    -    -    r    r    r    r    r    -    -    rw
telecom.service:              -    -    -    -    -    rwc  rwc  -    rwcd -    -    -    rwcd
telecom.service:              -    -    -    -    -    rwc  rwc  -    rwcd -    -    -    rwcd
telecom.service.type:         -    -    -    -    -    r    r    r    r    r    -    -    rwcd
telecom.sla.alert:            -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.sla.clock:            -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.sla.clock:            -    -    -    -    -    -    r    -    r    -    -    -    r
telecom.sla.event:            -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.sla.policy:           -    -    -    -    -    r    r    r    r    r    -    -    rwcd
telecom.sla.policy:           -    -    -    -    -    r    r    -    rwcd -    -    -    rwcd
telecom.sla.report:           -    -    -    -    -    -    -    -    r    -    -    -    r
telecom.sla.target:           -    -    -    -    -    r    r    r    r    r    -    -    rwcd
telecom.sla.target:           -    -    -    -    -    r    r    -    rwcd -    -    -    rwcd
telecom.sla.term:             -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.sla.waive:            -    -    -    -    -    -    -    -    rwc  c    -    -    c
telecom.support.rate:         -    -    -    -    -    r    r    r    r    r    r    r    rwcd
telecom.support.rate:         -    -    -    -    -    r    r    -    rwcd -    rwcd -    rwcd
telecom.ticket:               -    r    -    -    -    rwc  -    -    rwcd -    r    -    rwcd
telecom.ticket:               -    r    -    -    -    -    rwc  -    rwcd -    -    -    rwcd
telecom.ticket:               -    -    -    -    -    r    rwc  -    rwcd -    -    -    rwcd
telecom.ticket.assign:        -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.ticket.category:      -    r    r    r    -    r    r    r    r    r    r    r    rwcd
telecom.ticket.due:           -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.ticket.due:           -    -    -    -    -    -    r    -    r    -    -    -    r
telecom.ticket.escalate:      -    -    -    -    -    c    c    c    rwc  c    -    -    c
telecom.ticket.macro:         -    -    -    -    -    r    r    -    rwcd -    -    -    rwcd
telecom.ticket.macro:         -    -    -    -    -    r    r    r    r    r    -    -    rwcd
telecom.ticket.macro.apply:   -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.ticket.merge:         -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.ticket.presence:      -    -    -    -    -    -    -    -    -    -    -    -    -
telecom.ticket.question:      -    -    -    -    -    -    -    -    r    -    -    -    -
telecom.ticket.rule:          -    -    -    -    -    -    -    -    rwcd -    -    -    rwcd
telecom.ticket.rule:          -    -    -    -    -    -    -    -    r    r    -    -    rwcd
telecom.ticket.rule.log:      -    -    -    -    -    -    -    -    r    -    -    -    r
telecom.ticket.split:         -    -    -    -    -    c    c    c    rwcd c    -    -    c
telecom.ticket.stage:         -    r    r    r    -    r    r    r    r    r    r    r    rwcd
telecom.ticket.tag:           -    -    -    -    -    rwc  rwc  rwc  rwcd rwcd -    -    rwcd
telecom.ticket.team:          -    -    -    -    -    r    r    -    rwcd -    r    -    rwcd
telecom.ticket.team:          -    -    -    -    -    r    r    -    rwcd -    r    -    rwcd
telecom.ticket.team.archive:  -    -    -    -    -    -    -    -    rwcd c    -    -    c
telecom.ticket.team.address:  -    -    -    -    -    r    r    -    rwcd -    -    -    rwcd
telecom.ticket.timer:         -    -    -    -    -    r    -    -    -    -    -    -    -
telecom.ticket.transition:    -    -    -    -    -    r    -    -    r    -    -    -    r
telecom.ticket.transition:    -    -    -    -    -    -    r    -    r    -    -    -    r
telecom.tier:                 -    -    -    -    r    r    r    r    r    r    r    r    rwcd
telecom.time.budget:          -    -    -    -    -    r    -    -    rwcd -    rwcd -    rwcd
telecom.time.budget:          -    -    -    -    -    r    r    -    rwcd -    rwcd -    rwcd
telecom.time.budget:          -    -    -    -    -    -    r    -    rwcd -    -    -    rwcd
telecom.time.correct:         -    -    -    -    -    -    -    -    rwcd c    -    -    c
telecom.time.correct.line:    -    -    -    -    -    -    -    -    rwcd -    -    -    c
telecom.time.credit:          -    -    -    -    -    -    -    -    -    -    rwcd -    c
telecom.time.reject:          -    -    -    -    -    -    -    -    rwcd c    -    -    c
telecom.time.release:         -    -    -    -    -    -    -    -    -    -    r    -    r
telecom.time.unlock:          -    -    -    -    -    -    -    -    rwcd c    -    -    c
telecom.timer.stop:           -    -    -    -    -    rwcd c    c    c    c    -    -    c
account.analytic.line:        -    -    -    -    -    rwcd -    -    rwcd -    r    -    rwcd
account.analytic.line:        -    -    -    -    -    rwcd -    -    rwcd -    r    -    rwcd
account.analytic.line:        -    -    -    -    -    -    rwcd -    rwcd -    r    -    rwcd
account.analytic.line:        -    -    -    -    -    r    -    -    rwcd -    r    -    rwcd
project.project:              -    -    -    -    -    r    r    r    r    r    -    -    rwcd
res.partner:                  -    r    -    -    r    rwc  rwc  rwc  rwc  rwc  r    r    rwcd
"""

# Fields that somebody may set: whoever may write or create the record, in values of the kind that
# the field takes. All others of the model, or of the suite in a model of Odoo's, belong to the
# software.
_WRITABLE = """
telecom.agent: is_available skill_ids support_level
telecom.bill.time: company_id date_until fingerprint grouping invoice_date partner_ids
telecom.billing.run: activity_summary activity_type_id
telecom.contract: activity_summary activity_type_id company_id date_end date_start
    included_carry_over included_hours included_out_of_hours included_short_periods
    included_since included_unit name note partner_id period_ids service_ids state type_id
telecom.contract.period: hours
telecom.contract.type: active description included_carry_over included_hours included_out_of_hours
    included_short_periods included_unit name sequence support_always support_calendar_id tier_id
    time_billing
telecom.incident.add: city customer_ids incident_id service_ids site_ids supplier_id
    supplier_reference type_ids
telecom.incident.link: incident_id ticket_ids
telecom.incident.update: fallback_lang incident_id kind reach resolution text_ids
telecom.incident.update.text: body lang title update_id
telecom.mail.block: active company_id name reason
telecom.mail.discard: is_sender_blocked mail_ids reason
telecom.mail.quarantine: team_id
telecom.priority.matrix: priority_high priority_low priority_medium sequence
telecom.service: activated_on company_id contract_id identifier note partner_id
    phone_mobile_search site_partner_id state supplier_id supplier_reference type_id
telecom.service.type: active icon identifier_label name sequence
telecom.sla.policy: active calendar_id category_ids company_id contract_type_ids imminent_minutes
    name notify_collaborators pause_on_third_party sequence service_type_ids target_ids team_ids
    tier_ids warn_percent
telecom.sla.target: calendar_id first_response_hours is_always next_response_hours policy_id
    priority resolution_hours
telecom.sla.waive: clock_ids reason
telecom.support.rate: active category_ids company_id contract_type_ids counting days factor
    gap_minutes hours_period is_free job_ids may_be_nothing minimum_minutes name product_id rounding
    rounding_minutes sequence tier_ids user_ids
telecom.ticket: active activity_summary activity_type_id affected_service_ids affected_site_ids
    agreed_hours category_id channel child_ids collaborator_ids company_id contract_id date_deadline
    description email_cc impact incident_kind incident_since incident_update_ids name parent_id
    partner_email partner_id partner_name partner_phone phone_mobile_search planned_from
    planned_to priority related_ids resolution service_id stage_id support_level tag_ids team_id
    tie_new_tickets timesheet_ids unrelated_incident_ids urgency user_id
telecom.ticket.assign: ticket_ids user_id
telecom.ticket.category: active child_ids default_priority default_team_id name parent_id
    skill_user_ids time_billing
telecom.ticket.escalate: direction reason support_level team_id ticket_ids user_id
telecom.ticket.macro: active added_tag_ids assignment body category_id company_id kind lang name
    priority removed_tag_ids review sequence stage_id team_ids user_id
telecom.ticket.macro.apply: macro_id ticket_ids
telecom.ticket.merge: target_id ticket_ids
telecom.ticket.rule: active activity_summary activity_type_id add_tag_ids after_minutes after_unit
    after_value company_id domain escalate in_working_time keywords keywords_in_body measure name
    notify_manager sequence server_action_id set_minimum_priority set_support_level set_team_id
    set_user_id sla_metric trigger
telecom.ticket.split: category_id message_id name team_id timesheet_ids
telecom.ticket.stage: active description fold mail_template_id name sequence state team_ids
telecom.ticket.tag: active color name
telecom.ticket.team: acknowledge acknowledgement_template_id active address_ids alias_domain_id
    alias_id alias_name assignment_method auto_close_days color company_id escalation_team_id
    leader_id mail_accept_notices mail_follow_copied mail_keep_original mail_signature
    mail_unknown_sender member_ids name reopen_days resource_calendar_id sequence wait_after_reply
telecom.ticket.team.archive: successor_id team_ids
telecom.ticket.team.address: alias_domain_id alias_id alias_name team_id
telecom.tier: active color minimum_priority name sequence
telecom.time.budget: company_id hours partner_id ticket_id
telecom.time.correct: entry_ids note
telecom.time.correct.line: billable_percent hours line_id wizard_id
telecom.time.credit: freed_time_ids move_id
telecom.time.reject: line_ids reason
telecom.time.unlock: line_ids note
telecom.timer.stop: billable minutes name ticket_id
account.analytic.line: billable billable_percent hours_period started_at ticket_id
account.move.reversal: free_support_time freed_time_ids
fetchmail.server: telecom_team_id
mail.compose.message: telecom_macro_id telecom_minutes telecom_timer
product.template: support_pack_hours support_pack_months
project.project: is_telecom_deployment telecom_service_ids
res.company: telecom_approval_reminder_days telecom_approve_own_time telecom_billing_append_sheet
    telecom_billing_day telecom_billing_grouping telecom_billing_reminder_days
    telecom_billing_user_id telecom_budget_percent telecom_leaver_tickets telecom_long_day_hours
    telecom_pack_tell_customer telecom_pack_warning_percent telecom_price_day
    telecom_support_project_id telecom_tie_new_tickets telecom_timer_reminder_hours
res.config.settings: telecom_approval_reminder_days telecom_approve_own_time
    telecom_authentication_server telecom_billing_append_sheet telecom_billing_day
    telecom_billing_grouping telecom_billing_reminder_days telecom_billing_user_id
    telecom_budget_percent telecom_leaver_tickets telecom_long_day_hours telecom_pack_tell_customer
    telecom_pack_warning_percent telecom_price_day telecom_support_project_id
    telecom_tie_new_tickets telecom_timer_reminder_hours
res.partner: telecom_agreed_hours telecom_contract_ids telecom_portal_scope telecom_service_ids
    telecom_tier_id
res.users: telecom_skill_ids telecom_team_ids
"""


def _list(text):
    return text.split()


# What is known of a record by those who do not know all of it.
VISIBLE = {
    ("telecom.ticket", "customer"): _list("""
        access_url access_warning active category_id channel closed_at commercial_partner_id
        company_id create_date date_deadline description display_name id is_done name number
        partner_email partner_id partner_name partner_phone priority resolution resolved_at
        service_id stage_id state team_id user_id website_message_ids
    """),
    ("telecom.ticket", "accountant"): _list("""
        active agreed_hours approved_hours billable_hours budget_level budget_notice category_id
        closed_at commercial_partner_id company_id contract_id create_date display_name id
        invoice_count is_done name number partner_id priority resolved_at service_id stage_id state
        team_id tier_id timesheet_ids total_hours
    """),
}

# Right on the record, or group, that a call needs; "owner": that of changing the record that the
# step is of; "anybody": it does and tells nothing by itself, or concerns the caller alone.
_METHODS = """
telecom.ticket: write action_answered_by_phone action_apply_macro action_ask_close
    action_ask_resolve action_assign_to_me action_block_sender action_cancel action_close
    action_declare_incident action_not_related action_rebuild_sla action_reopen action_resolve
    action_send_unsent action_link_to_suggested_incident action_timer_start
    action_use_proposed_priority action_write_resolution action_write_update
telecom.ticket: read action_leave action_link_unlinked_tickets action_open_affected_customers
    action_open_affected_services action_open_children action_open_invoices
    action_open_suggested action_open_time action_open_unlinked_tickets get_macros get_new_answers
    message_post message_subscribe
telecom.ticket: anybody action_choose_macro action_link action_merge action_timer_confirm
    action_timer_discard action_timer_pause action_timer_stop get_empty_list_help get_formview_id
    mail_allowed_qweb_expressions
telecom.ticket.presence: ticket announce
telecom.ticket.presence: anybody withdraw
telecom.ticket.team: read action_open_quarantine action_open_tickets
telecom.ticket.team: write action_archive
telecom.ticket.team: managers action_open_time_not_billed action_open_time_to_approve
telecom.ticket.team.archive: write action_archive
telecom.ticket.team: agents action_open_tile action_take_next get_dashboard
telecom.ticket.rule: read action_open_log
telecom.ticket.rule: managers dry_run
telecom.ticket.rule.log: read action_open_ticket
telecom.agent: managers action_open_agents
telecom.agent: agents get_my_availability set_my_availability
telecom.service: write action_not_affected
telecom.service: read action_open_affecting_incident action_open_tickets
telecom.contract: write action_activate action_cancel action_grant_now
telecom.contract.due: owner action_retry_due
telecom.ticket.due: owner action_retry_due
telecom.incident.add: write action_add
telecom.incident.link: write action_link_to_incident
telecom.incident.delivery: write action_retry_due
telecom.incident.update: write action_ask action_copy_text action_retry action_send
    action_take_back action_use_suggested_titles
telecom.incident.update: read action_open action_open_deliveries action_open_readers
telecom.ticket.assign: write action_assign
telecom.ticket.escalate: write action_confirm
telecom.ticket.macro.apply: write action_apply
telecom.ticket.question: read action_go_on action_only_others
telecom.ticket.merge: write action_link action_merge
telecom.ticket.split: write action_split
telecom.mail.discard: write action_discard
telecom.mail.quarantine: write action_discard action_retry action_retry_due
telecom.mail.quarantine: read action_download action_open_ticket
telecom.mail.quarantine: managers action_retry_all
telecom.sla.clock: managers action_unwaive action_waive
telecom.sla.clock: write action_retry_due
telecom.sla.policy: read action_open_tickets
telecom.sla.policy: managers dry_run
telecom.sla.report: read action_open_ticket
telecom.sla.waive: write action_confirm
telecom.bill.time: write action_bill
telecom.billing.report: read action_open_ticket
telecom.billing.run: read action_open_invoices
telecom.billing.run: write action_retry_due
telecom.billing.run.line: write action_retry_due
telecom.hour.pack: write action_retry_due
telecom.ticket.timer: anybody get_timers
telecom.ticket.timer: write action_retry_due
telecom.time.correct: write action_correct action_correct_and_approve
telecom.time.credit: write action_confirm
telecom.time.reject: write action_confirm
telecom.time.unlock: write action_confirm
telecom.timer.stop: write action_discard action_log
account.analytic.line: managers action_approve action_correct_hours action_reject action_unlock
account.analytic.line: read action_open_billed_ticket action_open_invoice
account.analytic.line: write action_resubmit
account.move: write action_add_support_time action_choose_freed_time action_post
account.move: read action_open_support_time
account.move.reversal: write reverse_moves
res.partner: read action_open_telecom_services action_open_telecom_tickets
    action_open_telecom_packs action_open_telecom_time
res.users: write action_archive
ir.http: anybody session_info
ir.mail_server: anybody send_email
mail.mail: write send send_after_commit
"""

GROUPS = {
    "agents": "telecom_helpdesk.group_agent",
    "managers": "telecom_helpdesk.group_manager",
    "accountants": "account.group_account_invoice",
    "gateway": "base.group_system",
}

# Odoo's own, extended: what they let through is in the rights and fields above.
ORM_METHODS = {
    "copy", "copy_data", "create", "default_get", "fields_get", "get_view", "name_search",
    "onchange", "unlink", "write",
    # of every thread, asked for in a test of its own
    "message_notify", "message_parse", "message_process", "message_route",
    "telecom_receive_mail",
}  # fmt: skip

# What a call is given, where it takes more than records.
ARGUMENTS = {
    "telecom.ticket.action_apply_macro": lambda ticket: [1],
    "telecom.ticket.get_new_answers": lambda ticket: [0],
    "telecom.ticket.message_subscribe": lambda ticket: [ticket.user_id.partner_id.ids or [1]],
    "telecom.ticket.team.action_open_tile": lambda team: [team.id, "unassigned"],
    "telecom.ticket.presence.announce": lambda presence: [presence.ticket_id.id, "viewing"],
    "telecom.ticket.presence.withdraw": lambda presence: [presence.ticket_id.id],
    "telecom.ticket.rule.dry_run": lambda rule: [{"trigger": "on_create", "domain": "[]"}],
    "telecom.sla.policy.dry_run": lambda policy: [{"name": "x"}],
    "telecom.agent.set_my_availability": lambda agent: [True],
}

# What may be taken away and nobody would notice here, and why.
UNNOTICED = {
    # They say that agents read incidents of every team, which no other rule keeps them from.
    "telecom_helpdesk.telecom_incident_update_rule_agent",
    "telecom_helpdesk.telecom_incident_update_text_rule_agent",
    # A dialog is its owner's already; these count once its owner has left the company.
    "telecom_helpdesk_timesheet.telecom_bill_time_rule_company",
    "telecom_helpdesk_timesheet.telecom_bill_time_line_rule_company",
    "telecom_helpdesk_timesheet.telecom_time_credit_rule_company",
    # Odoo's own rules keep customers from time that is on no task of theirs: one more lock.
    "telecom_helpdesk_timesheet.account_analytic_line_rule_customer",
}

# Routes of the suite's controllers, and whom Odoo lets in before anything of ours runs.
ROUTES = {
    "/my/support-hours": "user",
    "/my/support-hours/page/<int:page>": "user",
}


def _read(text):
    """Lists of words by what stands before the colon; lines that are indented go on."""
    rows = {}
    for line in text.strip().replace("\n    ", " ").splitlines():
        name, _colon, rest = line.partition(":")
        rows.setdefault(name, []).append(rest.split())
    return rows


RIGHTS = _read(_RIGHTS)
WRITABLE = {name: rows[0] for name, rows in _read(_WRITABLE).items()}
METHODS = {
    f"{model}.{name}": need
    for model, rows in _read(_METHODS).items()
    for row in rows
    for need, names in [(row[0], row[1:])]
    for name in names
}
