import { reactive } from "@odoo/owl";
import { getServerTime, hearServerTime } from "@telecom_helpdesk/server_time";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

const { DateTime } = luxon;
const MODEL = "telecom.ticket";

/**
 * @typedef {Object} Timer an agent's stopwatch, which runs on the server; see `get_timers`
 * @property {number} ticket_id
 * @property {string} number of the ticket
 * @property {string} name of the ticket
 * @property {number} seconds that it had measured at `asOf`
 * @property {number} asOf seconds since 1970
 * @property {boolean} running
 * @property {number|false} cut as at when it was paused because nobody stopped it
 */

/**
 * Seconds that a timer has measured by now.
 *
 * @param {Timer} timer
 */
export function readTimer({ asOf, running, seconds }) {
    return seconds + (running ? Math.max(0, getServerTime() - asOf) : 0);
}

/** A length of time as a stopwatch shows it: 0:12:34. */
export function formatSeconds(seconds) {
    const pad = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/**
 * The user's timers as the server has them, in step with the user's other windows: each change
 * comes as the answer to whoever made it, and over the bus to all.
 */
export class TicketTimers {
    constructor({ action, bus_service, dialog, notification, orm }) {
        Object.assign(this, { action, dialog, notification, orm });
        this.isAgent = Boolean(session.telecom_timers);
        /** @type {{timers: Timer[]}} the one that runs comes first */
        this.state = reactive({ timers: [] });
        /** Called with a ticket's id when time was logged on it */
        this.listeners = new Set();
        /** What the user is asked about a timer: ticket id -> function that takes it away */
        this.questions = new Map();
        this.heardAt = 0;
        if (this.isAgent) {
            this.hear(session.telecom_timers);
            bus_service.subscribe("telecom.ticket.timer/state", (state) => this.hear(state));
            bus_service.addEventListener("BUS:RECONNECT", () => this.fetch());
        }
    }

    /** @returns {Timer|undefined} */
    get(ticketId) {
        return this.state.timers.find((timer) => timer.ticket_id === ticketId);
    }

    /** Have `listener` called with a ticket's id when time was logged on it. */
    onLogged(listener) {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    hear({ now, timers, news }) {
        hearServerTime(now);
        // What was said before something that is known already is old.
        if (now >= this.heardAt) {
            this.heardAt = now;
            this.state.timers = timers.map((timer) => ({ ...timer, asOf: now }));
            this.dropQuestions();
        }
        if (news?.kind === "logged") {
            for (const listener of this.listeners) {
                listener(news.ticket_id);
            }
        } else if (news) {
            this.ask(news);
        }
    }

    // What the user does

    async call(method, ticketId) {
        const state = await this.orm.call(MODEL, method, [[ticketId]]);
        this.hear(state);
        return state;
    }

    async fetch() {
        this.hear(await this.orm.silent.call("telecom.ticket.timer", "get_timers", []));
    }

    async start(ticketId) {
        const { paused } = await this.call("action_timer_start", ticketId);
        if (paused) {
            this.notification.add(
                _t("Only one timer runs at a time: the one on %s is paused.", paused),
                { type: "info" }
            );
        }
    }

    pause(ticketId) {
        return this.call("action_timer_pause", ticketId);
    }

    confirm(ticketId) {
        return this.call("action_timer_confirm", ticketId);
    }

    /** Pause, and ask how much of what was measured is logged. */
    async stop(ticketId) {
        const action = await this.orm.call(MODEL, "action_timer_stop", [[ticketId]]);
        await this.action.doAction(action, {
            onClose: (infos) => {
                if (infos?.telecom_timers) {
                    const news = { kind: "logged", ticket_id: ticketId };
                    this.hear({ ...infos.telecom_timers, news });
                }
            },
        });
    }

    discard(ticketId) {
        const timer = this.get(ticketId);
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard the timer?"),
            body: _t("%(time)s on %(ticket)s will not be logged. This cannot be undone.", {
                time: formatSeconds(readTimer(timer)),
                ticket: timer.number,
            }),
            confirmLabel: _t("Discard"),
            confirmClass: "btn-danger",
            confirm: () => this.call("action_timer_discard", ticketId),
            cancelLabel: _t("Keep"),
            cancel: () => {},
        });
    }

    open(ticketId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: ticketId,
            views: [[false, "form"]],
        });
    }

    // What the user is asked

    ask({ kind, ticket_id: ticketId }) {
        const timer = this.get(ticketId);
        if (!timer) {
            return;
        }
        this.questions.get(ticketId)?.();
        const act = (method) => () => {
            this.questions.get(ticketId)?.();
            this[method](ticketId);
        };
        const stop = { name: _t("Stop and log"), primary: true, onClick: act("stop") };
        const buttons =
            kind === "reminder"
                ? [
                      { name: _t("Still at work"), primary: true, onClick: act("confirm") },
                      { name: _t("Pause"), onClick: act("pause") },
                      { ...stop, primary: false },
                  ]
                : [stop];
        const close = this.notification.add(this.getQuestion(kind, timer), {
            title: timer.number,
            type: kind === "done" ? "info" : "warning",
            sticky: true,
            buttons,
            onClose: () => this.questions.delete(ticketId),
        });
        close.isRunning = timer.running;
        this.questions.set(ticketId, close);
    }

    getQuestion(kind, timer) {
        const time = formatSeconds(readTimer(timer));
        if (kind === "done") {
            return _t("The ticket is done. Your timer is paused at %s.", time);
        }
        if (kind === "cut") {
            const cut = toLocaleDateTimeString(DateTime.fromSeconds(timer.cut));
            return _t("Your timer was left running: it is paused as at %s.", cut);
        }
        return _t("Your timer has been running for %s. Still at work?", time);
    }

    /** What was answered, here or in another window, is asked no more. */
    dropQuestions() {
        for (const [ticketId, close] of [...this.questions]) {
            const timer = this.get(ticketId);
            if (!timer || timer.running !== close.isRunning) {
                close();
            }
        }
    }
}

registry.category("services").add("telecom_ticket_timers", {
    dependencies: ["action", "bus_service", "dialog", "notification", "orm"],
    start: (env, services) => new TicketTimers(services),
});
