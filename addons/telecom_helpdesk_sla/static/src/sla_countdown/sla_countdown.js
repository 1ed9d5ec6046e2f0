import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { getServerTime, hearServerTime, useEverySecond } from "@telecom_helpdesk/server_time";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { readClocks, roundForSpeech, splitDuration } from "./countdown";

const { DateTime } = luxon;

const ICONS = {
    on_track: "fa-clock-o",
    warning: "fa-hourglass-half",
    imminent: "fa-bell",
    breached: "fa-exclamation-triangle",
    paused: "fa-pause-circle",
    met: "fa-check",
    missed: "fa-times",
};

function getLabels() {
    return {
        on_track: _t("On track"),
        warning: _t("Warning"),
        imminent: _t("Imminent"),
        breached: _t("Breached"),
        paused: _t("Paused"),
        met: _t("Met"),
        missed: _t("Breached"),
    };
}

/** @param {number} duration working seconds */
export function formatDuration(duration) {
    const { hours, minutes, seconds } = splitDuration(duration);
    if (seconds !== undefined) {
        return _t("%s s", seconds);
    }
    if (hours && minutes) {
        return _t("%(hours)s h %(minutes)s min", { hours, minutes });
    }
    return hours ? _t("%s h", hours) : _t("%s min", minutes);
}

/** What is left, or by how much the deadline is passed, in words. */
function formatLeft({ look, left }, round = (seconds) => seconds) {
    if (look === "breached") {
        return left > -60 ? _t("Time is up") : _t("%s late", formatDuration(round(-left)));
    }
    return _t("%s left", formatDuration(round(Math.max(0, left))));
}

/** The deadline in the user's time zone; the day only where it is not today. */
function formatDeadline({ clock, look }, now) {
    if (!clock.deadline || look === "paused") {
        return "";
    }
    const deadline = DateTime.fromSeconds(clock.deadline);
    const isToday = deadline.hasSame(DateTime.fromSeconds(now), "day");
    const time = toLocaleDateTimeString(deadline, { showDate: !isToday });
    return look === "breached" ? _t("was due %s", time) : _t("due %s", time);
}

/** One clock as it is shown: texts and looks, nothing that changes without being seen. */
function describe(reading, now) {
    const { clock, look, left, percent } = reading;
    const label = getLabels()[look];
    const due = formatDeadline(reading, now);
    return {
        look,
        label,
        icon: ICONS[look],
        id: clock.id,
        metric: clock.label,
        left: formatLeft(reading),
        paused: look === "paused" ? formatDuration(Math.max(0, left)) : undefined,
        due,
        percent,
        spoken: [clock.label, label, formatLeft(reading, roundForSpeech), due]
            .filter(Boolean)
            .join(", "),
    };
}

/** What was promised, where nothing is open any more. */
function describeEnd(state) {
    const label = getLabels()[state];
    return label && { look: state, label, icon: ICONS[state], spoken: label };
}

/**
 * The time that is left until a ticket's most pressing deadline, counted down in working time.
 */
export class SlaCountdown extends Component {
    static template = "telecom_helpdesk_sla.Countdown";
    static props = { countdown: { optional: true } };

    setup() {
        this.state = useState({});
        this.read(this.props);
        onWillUpdateProps((props) => this.read(props));
        useEverySecond(() => this.read(this.props));
    }

    read({ countdown }) {
        if (countdown) {
            hearServerTime(countdown.now);
        }
        const seen = countdown ? this.look(countdown, getServerTime()) : {};
        // Only what differs is drawn anew, which is nothing in most seconds.
        for (const key of new Set([...Object.keys(this.state), ...Object.keys(seen)])) {
            this.state[key] = seen[key];
        }
    }

    look(countdown, now) {
        const [first] = readClocks(countdown, now);
        return (first ? describe(first, now) : describeEnd(countdown.state)) ?? {};
    }

    get title() {
        const { metric, label, left, due } = this.state;
        return [metric, label, left, due].filter(Boolean).join(" · ");
    }
}

/** All that is promised for a ticket, a line and a bar for each clock. */
export class SlaCountdownCard extends SlaCountdown {
    static template = "telecom_helpdesk_sla.CountdownCard";

    look(countdown, now) {
        const rows = readClocks(countdown, now).map((reading) => describe(reading, now));
        const [first] = rows;
        return {
            rows,
            end: rows.length ? undefined : describeEnd(countdown.state),
            // Read out by itself, so only when it matters: the state changes.
            announced: first && `${first.metric}: ${first.label}`,
        };
    }
}

/** Field widget, bound to the deadline so that a list sorts by it. */
export class SlaCountdownField extends Component {
    static template = "telecom_helpdesk_sla.CountdownField";
    static components = { SlaCountdown, SlaCountdownCard };
    static props = { ...standardFieldProps, full: { type: Boolean, optional: true } };

    get countdown() {
        return this.props.record.data.sla_countdown || undefined;
    }
}

registry.category("fields").add("telecom_sla_countdown", {
    component: SlaCountdownField,
    displayName: _t("SLA Countdown"),
    supportedTypes: ["datetime"],
    fieldDependencies: [{ name: "sla_countdown", type: "json" }],
    extractProps: ({ options }) => ({ full: Boolean(options.full) }),
});
