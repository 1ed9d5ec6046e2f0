import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// After downtime, or on a bad day, the rest is one notification: they must not cover the screen.
export const MAX_SHOWN = 3;

/**
 * Shows SLA alerts to the users concerned, until they close them.
 * Odoo's notifications are read out at once by screen readers.
 */
export class SlaAlerts {
    constructor(env, { action, bus_service, notification }) {
        this.env = env;
        this.action = action;
        this.notification = notification;
        this.shown = 0;
        /** Tickets that the one notification is about which stands for the rest */
        this.rest = new Set();
        this.closeRest = undefined;
        bus_service.subscribe("telecom.sla.alert", (alert) => this.onAlert(alert));
        bus_service.start();
    }

    /**
     * @param {Object} alert
     * @param {"warning"|"imminent"|"breach"} alert.kind
     * @param {number} alert.ticket_id
     * @param {string} alert.title
     * @param {string} alert.ticket
     * @param {string} alert.message
     */
    onAlert(alert) {
        if (this.shown >= (this.env.isSmall ? 1 : MAX_SHOWN)) {
            this.rest.add(alert.ticket_id);
            this.showRest();
            return;
        }
        this.shown++;
        const close = this.notification.add(`${alert.ticket}. ${alert.message}`, {
            title: alert.title,
            type: alert.kind === "breach" ? "danger" : "warning",
            sticky: true,
            className: "o_telecom_sla_alert",
            onClose: () => this.shown--,
            buttons: [
                {
                    name: _t("Open Ticket"),
                    primary: true,
                    onClick: () => {
                        close();
                        this.open([alert.ticket_id]);
                    },
                },
            ],
        });
    }

    showRest() {
        const ids = [...this.rest];
        this.closeRest?.();
        this.rest = new Set(ids);
        const close = this.notification.add(_t("Further tickets at risk or late: %s.", ids.length), {
            title: _t("SLA"),
            type: "danger",
            sticky: true,
            className: "o_telecom_sla_alert",
            onClose: () => {
                this.rest.clear();
                this.closeRest = undefined;
            },
            buttons: [
                {
                    name: _t("Show"),
                    primary: true,
                    onClick: () => {
                        close();
                        this.open(ids);
                    },
                },
            ],
        });
        this.closeRest = close;
    }

    open(ids) {
        const views = [[false, "form"]];
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("SLA"),
            res_model: "telecom.ticket",
            ...(ids.length === 1
                ? { res_id: ids[0], views }
                : { domain: [["id", "in", ids]], views: [[false, "list"], ...views] }),
        });
    }
}

export const slaAlertService = {
    dependencies: ["action", "bus_service", "notification"],
    start(env, services) {
        return new SlaAlerts(env, services);
    },
};

registry.category("services").add("telecom_sla_alert", slaAlertService);
