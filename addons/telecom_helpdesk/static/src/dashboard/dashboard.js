import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { RelativeTime } from "@mail/core/common/relative_time";

import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";

const REFRESH_EVERY = 60 * 1000; // milliseconds

/** The agent's overview: tickets that need attention first, and the figures of their teams. */
export class HelpdeskDashboard extends Component {
    static template = "telecom_helpdesk.Dashboard";
    static components = { CheckBox, Layout, RelativeTime };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.display = { controlPanel: {} };
        this.state = useState({ tickets: [], tiles: [], teams: [], is_available: true });
        onWillStart(() => this.load());
        const timer = setInterval(() => this.refresh(), REFRESH_EVERY);
        onWillUnmount(() => clearInterval(timer));
    }

    async load() {
        Object.assign(this.state, await this.orm.call("telecom.ticket.team", "get_dashboard", []));
    }

    /** Odoo shows no error for what nobody asked for: the next round comes in a minute. */
    async refresh() {
        if (document.visibilityState === "visible") {
            const silent = this.orm.silent;
            Object.assign(
                this.state,
                await silent.call("telecom.ticket.team", "get_dashboard", []).catch(() => ({}))
            );
        }
    }

    /** The stars of a ticket's priority, as in the list. */
    get stars() {
        return ["1", "2", "3"];
    }

    since(ticket) {
        return ticket.since && deserializeDateTime(ticket.since);
    }

    openTicket(ticket) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "telecom.ticket",
            res_id: ticket.id,
            views: [[false, "form"]],
        });
    }

    async openTile(team, tile) {
        const action = await this.orm.call("telecom.ticket.team", "action_open_tile", [
            team.id,
            tile.name,
        ]);
        return this.action.doAction(action);
    }

    async openLink(team, link) {
        const action = await this.orm.call("telecom.ticket.team", link.method, [[team.id]]);
        return this.action.doAction(action);
    }

    async setAvailable(isAvailable) {
        await this.orm.call("telecom.agent", "set_my_availability", [isAvailable]);
        return this.load();
    }

    async takeNext() {
        const action = await this.orm.call("telecom.ticket.team", "action_take_next", []);
        if (action) {
            return this.action.doAction(action);
        }
        this.notification.add(_t("No ticket is left to take in your teams."), { type: "success" });
        return this.load();
    }
}

registry.category("actions").add("telecom_helpdesk.dashboard", HelpdeskDashboard);
