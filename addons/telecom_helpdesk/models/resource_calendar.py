from datetime import timedelta

from pytz import utc

from odoo import api, models

from ..tools.worktime import WorkTimeline

# How much of a calendar is read at once around what is asked for, and how far at most: a calendar
# without working hours never gets anywhere.
MARGIN = timedelta(days=45)
HORIZON = timedelta(days=3 * 366)
CACHE = "telecom_work_timelines"


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _work_until(self, company, start, seconds):
        """First instant (naive UTC) at which ``seconds`` of this calendar's working time have
        passed since ``start``; None if that is years away.

        Other companies' holidays do not count. The calendar is read once a transaction.
        """
        if seconds <= 0:
            return start
        margin = MARGIN
        while True:
            timeline = self._get_work_timeline(company, start, start + margin)
            instant = timeline.add(start, seconds)
            if instant or margin > HORIZON:
                return instant
            margin *= 4

    def _work_between(self, company, start, stop):
        """Seconds of this calendar's working time between two instants (naive UTC)."""
        return self._get_work_timeline(company, start, stop).between(start, stop)

    def _get_work_timeline(self, company, start, stop):
        """``WorkTimeline`` of ``company`` that covers ``start`` to ``stop`` (naive UTC)."""
        self.ensure_one()
        cache = self.env.cr.cache.setdefault(CACHE, {})
        key = (self.id, company.id)
        first, last, timeline = cache.get(key, (None, None, None))
        if timeline and first <= start and stop <= last:
            return timeline
        # Each time more than before, so that thousands of tickets read it a few times.
        span = max(MARGIN, (last - first) if timeline else MARGIN)
        first = min(start - MARGIN, first - span if timeline and start < first else start)
        last = max(stop + span, last or stop)
        if timeline:
            first = min(first, cache[key][0])
        timeline = WorkTimeline(self._read_work_intervals(company, first, last))
        cache[key] = (first, last, timeline)
        return timeline

    def _read_work_intervals(self, company, start, stop):
        """Working intervals as sorted pairs of naive UTC datetimes."""
        domain = [("time_type", "=", "leave"), ("company_id", "in", [False, company.id])]
        calendar = self.sudo()
        [intervals] = calendar._work_intervals_batch(
            utc.localize(start), utc.localize(stop), domain=domain
        ).values()
        pairs = []
        for start_, stop_, _source in intervals:
            start_, stop_ = (i.astimezone(utc).replace(tzinfo=None) for i in (start_, stop_))
            if stop_.microsecond == 999_999:  # how Odoo writes midnight
                stop_ += timedelta(microseconds=1)
            if pairs and pairs[-1][1] >= start_:
                pairs[-1] = (pairs[-1][0], max(stop_, pairs[-1][1]))
            else:
                pairs.append((start_, stop_))
        return pairs

    # Whoever planned by these hours plans anew

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            self._hours_changed()
        return result

    def _hours_changed(self):
        """Hook: working hours or holidays changed."""
        self.env.cr.cache.pop(CACHE, None)


class WorkingHours(models.AbstractModel):
    """Rows that calendars are made of."""

    _name = "telecom.working.hours.mixin"
    _description = "Working Hours Mixin"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._tell_hours_changed()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self._tell_hours_changed()
        return result

    def unlink(self):
        self._tell_hours_changed()
        return super().unlink()

    def _tell_hours_changed(self):
        if self:
            self.env["resource.calendar"]._hours_changed()


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "telecom.working.hours.mixin"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "telecom.working.hours.mixin"]

    def _tell_hours_changed(self):
        # One person's leave leaves the team's hours as they are.
        super(
            ResourceCalendarLeaves, self.filtered(lambda leave: not leave.resource_id)
        )._tell_hours_changed()
