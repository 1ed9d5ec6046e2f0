import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The user's stopwatch on the ticket of this form. */
export class TicketTimerWidget extends Component {
    static template = "telecom_helpdesk_timesheet.TicketTimerWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.timers = useService("telecom_ticket_timers");
        this.state = useState(this.timers.state);
        this.ui = useState({ busy: false });
    }

    get ticketId() {
        return this.props.record.resId;
    }

    get timer() {
        return this.state.timers.find((timer) => timer.ticket_id === this.ticketId);
    }

    get time() {
        return this.state.now && this.timers.read(this.timer);
    }

    /** @param {"start"|"pause"|"stop"} what */
    async click(what) {
        // Two clicks are one.
        if (this.ui.busy) {
            return;
        }
        this.ui.busy = true;
        try {
            await this.timers[what](this.ticketId);
        } finally {
            this.ui.busy = false;
        }
    }
}

registry.category("view_widgets").add("telecom_ticket_timer", { component: TicketTimerWidget });
