import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** The running timer, wherever the user is; the paused ones below it. */
export class TicketTimerSystray extends Component {
    static template = "telecom_helpdesk_timesheet.TicketTimerSystray";
    static components = { Dropdown };
    static props = {};

    setup() {
        this.timers = useService("telecom_ticket_timers");
        this.state = useState(this.timers.state);
        this.dropdown = useDropdownState();
    }

    get running() {
        return this.state.timers.find((timer) => timer.running);
    }

    read(timer) {
        return this.state.now && this.timers.read(timer);
    }

    /** @param {"start"|"pause"|"stop"|"open"} what */
    click(what, timer) {
        if (what === "stop" || what === "open") {
            this.dropdown.close();
        }
        return this.timers[what](timer.ticket_id);
    }
}

registry
    .category("systray")
    .add("telecom_ticket_timer", { Component: TicketTimerSystray }, { sequence: 26 });
