import { registry } from "@web/core/registry";

const now = Date.now;

/** The laptop slept: it is that much later at once. */
function sleep(minutes) {
    const before = Date.now;
    Date.now = () => before() + minutes * 60 * 1000;
    document.dispatchEvent(new Event("visibilitychange"));
}

const clock = (look) => `.o_telecom_ticket_head .o_telecom_sla_clock[data-look='${look}']`;
const cell = (look) =>
    `.o_data_row:contains('No dial tone') .o_telecom_sla[data-look='${look}']`;

// An hour to resolve; the warning comes after 45 minutes, the alert 10 before the end.
registry.category("web_tour.tours").add("telecom_helpdesk_sla_countdown", {
    steps: () => [
        {
            content: "The clock runs",
            trigger: `${clock("on_track")}:contains('Resolution'):contains('On track'):contains('59 min left'):contains('due')`,
        },
        {
            content: "The customer is waited for: it stands still",
            trigger: ".o_statusbar_status button[data-value]:contains('Waiting for Customer')",
            run: "click",
        },
        {
            trigger: `${clock("paused")}:contains('Paused'):contains('59 min left'):not(:contains('due'))`,
        },
        {
            trigger: ".o_statusbar_status button[data-value]:contains('In Progress')",
            run: "click",
        },
        {
            content: "It goes on",
            trigger: clock("on_track"),
            run: () => sleep(46),
        },
        {
            content: "The page passes through its states by itself",
            trigger: `${clock("warning")}:contains('Warning'):contains('13 min left')`,
            run: () => sleep(5),
        },
        {
            content: "Screen readers are told of the state, once",
            trigger: ".o_telecom_ticket_head [role=status]:contains('Resolution: Imminent')",
        },
        {
            trigger: `${clock("imminent")}:contains('Imminent'):contains('8 min left')`,
            run: () => sleep(10),
        },
        {
            trigger: `${clock("breached")}:contains('Breached'):contains('1 min late'):contains('was due')`,
        },
        {
            content: "So does the board",
            trigger: ".o_breadcrumb a:contains('Tickets'), .breadcrumb-item a:contains('Tickets')",
            run: "click",
        },
        {
            trigger:
                ".o_kanban_record:contains('No dial tone') .o_telecom_sla[data-look='breached']:contains('late')",
        },
        {
            trigger:
                ".o_kanban_record:contains('Slow line') .o_telecom_sla[data-look='on_track']:contains('8 h 5')",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "And the list, which sorts by it",
            trigger: `${cell("breached")}:contains('late')`,
        },
        {
            trigger: "th[data-name='sla_deadline']",
            run: "click",
        },
        {
            trigger: ".o_data_row:nth-child(1):contains('No dial tone')",
        },
        {
            trigger: "th[data-name='sla_deadline'].table-active",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Slow line') ~ .o_data_row:contains('No dial tone')",
            run() {
                Date.now = now;
            },
        },
    ],
});
