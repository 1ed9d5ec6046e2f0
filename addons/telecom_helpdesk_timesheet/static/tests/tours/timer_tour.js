import { registry } from "@web/core/registry";

const form = ".o_telecom_ticket_head .o_telecom_timer";
const tray = ".o_telecom_timer_systray";
const row = (subject) => `.o_telecom_timer_row:contains('${subject}')`;

/** To another page of the web client, or the same anew: all that the browser knew is gone. */
function goTo(path) {
    return {
        trigger: "body",
        run: () => {
            window.location.assign(path(window.location));
        },
        expectUnloadPage: true,
    };
}

registry.category("web_tour.tours").add("telecom_helpdesk_timer", {
    steps: () => [
        {
            content: "No timer, nothing in the bar above",
            trigger: `${form}[data-look='none'] button:contains('Start timer')`,
        },
        {
            trigger: `body:not(:has(${tray}))`,
        },
        {
            trigger: `${form} .o_telecom_timer_start`,
            run: "click",
        },
        {
            content: "It counts",
            trigger: `${form}[data-look='running'] [role=timer]:contains('0:00:0')`,
        },
        {
            content: "Screen readers are told",
            trigger: `${form} [role=status]:contains('Timer is running')`,
        },
        goTo(({ pathname }) => pathname),
        {
            content: "It survives a reload",
            trigger: `${form}[data-look='running'] .o_telecom_timer_pause`,
        },
        goTo(() => "/odoo/helpdesk"),
        {
            content: "It shows elsewhere",
            trigger: `.o_telecom_dashboard, .o_action_manager > *`,
        },
        {
            trigger: `${tray}.o_telecom_timer_running [role=timer]`,
            run: "click",
        },
        {
            trigger: `${row("No dial tone")}[data-look='running'] .o_telecom_timer_pause`,
            run: "click",
        },
        {
            trigger: `${row("No dial tone")}[data-look='paused'] .o_telecom_timer_open`,
            run: "click",
        },
        {
            content: "The ticket opens; its timer is paused",
            trigger: `${form}[data-look='paused'] .o_telecom_timer_start`,
            run: "click",
        },
        {
            trigger: `${form}[data-look='running'] .o_telecom_timer_stop`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='minutes'] input:value(1)",
        },
        {
            content: "Who closes the dialog keeps the timer, paused",
            trigger: ".modal button:contains('Keep the Timer')",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${form}[data-look='paused'] .o_telecom_timer_stop`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='name'] input",
            run: "edit Reset the port",
        },
        {
            trigger: ".modal button[name='action_log']",
            run: "click",
        },
        {
            content: "The timer is gone, here and above",
            trigger: `${form}[data-look='none']`,
        },
        {
            trigger: `body:not(:has(${tray}))`,
        },
        {
            content: "The entry is on the ticket without a reload",
            trigger: ".o_notebook .nav-link:contains('Time')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='timesheet_ids'] .o_data_row:contains('Reset the port')",
        },
    ],
});

registry.category("web_tour.tours").add("telecom_helpdesk_timer_second", {
    steps: () => [
        {
            trigger: `${form} .o_telecom_timer_start`,
            run: "click",
        },
        {
            trigger: `${form}[data-look='running']`,
        },
        {
            content: "To the other ticket",
            trigger: ".o_breadcrumb a:contains('Tickets'), .breadcrumb-item a:contains('Tickets')",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('Slow line')",
            run: "click",
        },
        {
            trigger: `.o_form_view:contains('Slow line') ${form}[data-look='none'] .o_telecom_timer_start`,
            run: "click",
        },
        {
            content: "It says that the first one is paused",
            trigger: ".o_notification:contains('Only one timer runs at a time')",
        },
        {
            trigger: `${tray}.o_telecom_timer_running`,
            run: "click",
        },
        {
            trigger: `${row("Slow line")}[data-look='running']`,
        },
        {
            trigger: `${row("No dial tone")}[data-look='paused'] .o_telecom_timer_discard`,
            run: "click",
        },
        {
            content: "Discarding asks",
            trigger: ".modal:contains('will not be logged') .btn-danger:contains('Discard')",
            run: "click",
        },
        {
            content: "The colleague resolves this one: the agent is asked to stop",
            trigger: `${tray}.o_telecom_timer_running`,
            run: () =>
                odoo.__WOWL_DEBUG__.root.env.services.orm.call("telecom.ticket", "action_resolve", [
                    [odoo.__WOWL_DEBUG__.root.env.services.action.currentController.props.resId],
                ]),
        },
        {
            trigger: ".o_notification:contains('The ticket is done') button:contains('Stop and log')",
            run: "click",
        },
        {
            trigger: ".modal button[name='action_log']",
            run: "click",
        },
        {
            content: "What was answered is asked no more",
            trigger: `body:not(:has(${tray})):not(:has(.o_notification:contains('The ticket is done')))`,
        },
    ],
});
