import { Component, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { TimerClock } from "./timer_clock";

/** The user's timer on the ticket of a form. */
export class TicketTimerWidget extends Component {
    static template = "telecom_helpdesk_timesheet.TicketTimerWidget";
    static components = { TimerClock };
    static props = { ...standardWidgetProps };

    setup() {
        this.timers = useService("telecom_ticket_timers");
        this.state = useState(this.timers.state);
        this.ui = useState({ isBusy: false });
        onWillUnmount(this.timers.onLogged((ticketId) => this.reload(ticketId)));
    }

    get ticketId() {
        return this.props.record.resId;
    }

    get timer() {
        return this.state.timers.find((timer) => timer.ticket_id === this.ticketId);
    }

    get status() {
        if (!this.timer) {
            return "";
        }
        return this.timer.running ? _t("Timer is running") : _t("Timer is paused");
    }

    /** One thing at a time, however fast somebody clicks. */
    async act(method) {
        if (this.ui.isBusy) {
            return;
        }
        this.ui.isBusy = true;
        try {
            await this.timers[method](this.ticketId);
        } finally {
            this.ui.isBusy = false;
        }
    }

    /** What was logged shows on the form, unless it is being edited. */
    async reload(ticketId) {
        const { record } = this.props;
        if (ticketId === record.resId && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("telecom_ticket_timer", { component: TicketTimerWidget });
