import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { TimerClock } from "./timer_clock";

/** The user's timers, wherever they are: the one that runs, and those that are paused. */
export class TimerSystray extends Component {
    static template = "telecom_helpdesk_timesheet.TimerSystray";
    static components = { Dropdown, TimerClock };
    static props = {};

    setup() {
        this.timers = useService("telecom_ticket_timers");
        this.state = useState(this.timers.state);
        this.dropdown = useDropdownState();
    }

    get running() {
        return this.state.timers.find((timer) => timer.running);
    }

    get title() {
        return this.running
            ? _t("Timer on %s is running", this.running.number)
            : _t("Paused timers: %s", this.state.timers.length);
    }

    get hasCut() {
        return this.state.timers.some((timer) => timer.cut);
    }

    /** @param {"open"|"stop"|"discard"} method what leads away from the list */
    leave(method, timer) {
        this.dropdown.close();
        return this.timers[method](timer.ticket_id);
    }
}

registry
    .category("systray")
    .add("telecom_ticket_timers", { Component: TimerSystray }, { sequence: 26 });
