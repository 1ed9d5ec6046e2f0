import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

/**
 * @typedef {Object} Timer an agent's stopwatch, which runs on the server
 * @property {number} ticket_id
 * @property {string} number of the ticket
 * @property {string} name of the ticket
 * @property {number} seconds it had counted when the server told
 * @property {boolean} running
 */

/** Seconds as people read a stopwatch: 1:02:03. */
export function formatStopwatch(seconds) {
    const pad = (value) => String(value).padStart(2, "0");
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

/**
 * The user's timers, the same on every page: they come with the page, and over the bus when
 * they change somewhere else.
 */
export class TicketTimers {
    constructor(env, { action, bus_service, notification, orm }) {
        this.action = action;
        this.notification = notification;
        this.orm = orm;
        this.isAgent = Boolean(session.telecom_timers);
        this.state = reactive({ timers: [], toldAt: 0, now: 0 });
        if (!this.isAgent) {
            return;
        }
        this.set(session.telecom_timers);
        bus_service.subscribe("telecom.ticket.timer", ({ timers }) => this.set(timers));
        // Whoever slept or lost the network asks anew.
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible" && this.state.timers.length) {
                this.ask();
            }
        });
    }

    set(timers) {
        this.state.timers = timers;
        this.state.toldAt = this.state.now = performance.now();
        const isRunning = timers.some((timer) => timer.running);
        if (isRunning && !this.beat) {
            this.beat = browser.setInterval(() => (this.state.now = performance.now()), 1000);
        } else if (!isRunning && this.beat) {
            browser.clearInterval(this.beat);
            this.beat = undefined;
        }
    }

    async ask() {
        this.set(await this.orm.silent.call("telecom.ticket.timer", "get_timers", []));
    }

    /** @returns {Timer|undefined} */
    get(ticketId) {
        return this.state.timers.find((timer) => timer.ticket_id === ticketId);
    }

    /** @returns {number} seconds that ``timer`` has counted by now */
    getSeconds(timer) {
        const since = timer.running ? (this.state.now - this.state.toldAt) / 1000 : 0;
        return timer.seconds + Math.max(0, since);
    }

    read(timer) {
        return formatStopwatch(this.getSeconds(timer));
    }

    async start(ticketId) {
        this.set(await this.orm.call("telecom.ticket", "action_timer_start", [ticketId]));
    }

    async pause(ticketId) {
        this.set(await this.orm.call("telecom.ticket", "action_timer_pause", [ticketId]));
    }

    /** Pause, and ask in a dialog what the time was for. */
    async stop(ticketId) {
        const action = await this.orm.call("telecom.ticket", "action_timer_stop", [ticketId]);
        await this.action.doAction(action, { onClose: () => this.ask() });
    }

    open(ticketId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "telecom.ticket",
            res_id: ticketId,
            views: [[false, "form"]],
        });
    }
}

registry.category("services").add("telecom_ticket_timers", {
    dependencies: ["action", "bus_service", "notification", "orm"],
    start: (env, services) => new TicketTimers(env, services),
});
