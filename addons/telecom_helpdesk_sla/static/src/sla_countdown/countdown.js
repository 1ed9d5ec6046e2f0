/**
 * Counting down working time. Instants are seconds since 1970, durations working seconds; the
 * shapes of clocks are in the server's ``_get_sla_countdowns``.
 */

/** How a clock can stand, from the one that can wait to the worst. */
export const LOOKS = ["paused", "on_track", "warning", "imminent", "breached"];

/**
 * Working seconds between two instants.
 *
 * @param {[number, number][]|null} work intervals; null: around the clock
 */
export function workBetween(work, start, stop) {
    if (!work) {
        return Math.max(0, stop - start);
    }
    return work.reduce(
        (sum, [begin, end]) => sum + Math.max(0, Math.min(end, stop) - Math.max(begin, start)),
        0
    );
}

/**
 * How a clock stands.
 *
 * @param {Object} clock as it stood at ``asOf``
 * @param {number} asOf
 * @param {number} now
 * @returns {{clock: Object, look: string, left: number, percent: number}} ``left`` is
 *     negative once the time has run out
 */
export function readClock(clock, asOf, now) {
    const used = clock.used + (clock.runs ? workBetween(clock.work, asOf, now) : 0);
    const left = clock.target - used;
    const percent = Math.floor((used * 100) / clock.target);
    return { clock, look: getLook(clock, now), left, percent };
}

function getLook(clock, now) {
    const isPast = (instant) => instant !== null && instant <= now;
    if (clock.breached || (clock.runs && isPast(clock.deadline))) {
        return "breached";
    }
    if (!clock.runs) {
        return "paused";
    }
    if (isPast(clock.imminent_at)) {
        return "imminent";
    }
    return isPast(clock.warning_at) ? "warning" : "on_track";
}

/**
 * All clocks of a ticket, the most pressing first: the worst, then the nearest deadline.
 *
 * @param {{now: number, clocks: Object[]}} countdown
 * @param {number} now
 */
export function readClocks(countdown, now) {
    const urgency = ({ look }) => LOOKS.indexOf(look);
    const deadline = ({ clock, left }) => clock.deadline ?? now + left;
    return countdown.clocks
        .map((clock) => readClock(clock, countdown.now, now))
        .sort((a, b) => urgency(b) - urgency(a) || deadline(a) - deadline(b));
}

/**
 * A duration in the two units that matter: hours and minutes, or seconds at the very end.
 *
 * @param {number} seconds
 * @returns {{hours?: number, minutes?: number, seconds?: number}}
 */
export function splitDuration(seconds) {
    if (seconds < 60) {
        return { seconds: Math.floor(seconds) };
    }
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (!hours) {
        return { minutes };
    }
    return hours < 10 && minutes % 60 ? { hours, minutes: minutes % 60 } : { hours };
}

/**
 * The same duration in steps that are worth being told: what is read out must not change all
 * the time.
 *
 * @param {number} seconds
 */
export function roundForSpeech(seconds) {
    const step = seconds > 3600 ? 900 : seconds > 600 ? 300 : 60;
    return seconds < 60 ? seconds && 60 : Math.floor(seconds / step) * step;
}
