import { Component, onWillUnmount, status, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { imageUrl } from "@web/core/utils/urls";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Line under a ticket's header: who else has it open, who is answering it. */
export class TicketPresenceWidget extends Component {
    static template = "telecom_helpdesk.TicketPresenceWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.presence = useService("telecom_ticket_presence");
        this.onTickets = useState(this.presence.colleagues);
        useEffect(
            (ticketId) => ticketId && this.presence.view(ticketId),
            () => [this.props.record.resId]
        );
        // What others write may move the ticket: the form follows, unless it is being edited.
        onWillUnmount(this.presence.onNews((ticketId) => this.reload(ticketId)));
    }

    async reload(ticketId) {
        const { record } = this.props;
        if (ticketId !== record.resId) {
            return;
        }
        try {
            if (!(await record.isDirty())) {
                await record.load();
            }
        } catch (error) {
            // The page was left meanwhile, for the ticket that this one was merged into, say.
            if (status(this) !== "destroyed") {
                throw error;
            }
        }
    }

    get colleagues() {
        return this.onTickets[this.props.record.resId] ?? [];
    }

    get isSomebodyWriting() {
        return this.colleagues.some((colleague) => colleague.mode === "writing");
    }

    avatarUrl(colleague) {
        return imageUrl("res.users", colleague.user_id, "avatar_128");
    }

    label({ mode, name }) {
        return mode === "writing"
            ? _t("%(name)s is writing an answer…", { name })
            : _t("%(name)s is viewing", { name });
    }
}

registry.category("view_widgets").add("telecom_ticket_presence", {
    component: TicketPresenceWidget,
});
