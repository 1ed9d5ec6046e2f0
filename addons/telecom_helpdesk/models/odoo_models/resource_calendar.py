from datetime import datetime, timedelta
from typing import NamedTuple

from pytz import timezone, utc

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ...tools.wall_clock import WallClock
from ...tools.worktime import WorkTimeline

# How much of a calendar is looked through at first, and how far at most: one without working
# hours never gets anywhere.
MARGIN = timedelta(days=45)
HORIZON = timedelta(days=3 * 366)
SECOND = timedelta(seconds=1)
# What an hour of work is follows from these, from the attendances and from the days off.
HOURS_FIELDS = frozenset({"tz", "two_weeks_calendar", "schedule_type", "flexible_hours"})


class CalendarHours(NamedTuple):
    """A calendar's working time for one company, asked as one asks a ``WorkTimeline``."""

    calendar: models.BaseModel
    company: models.BaseModel

    def add(self, start, seconds):
        return self.calendar._work_until(self.company, start, seconds)

    def between(self, start, stop):
        return self.calendar._work_between(self.company, start, stop)

    def ahead(self, start, count):
        timeline = self.calendar._get_work_timeline(self.company, start, start + MARGIN)
        return timeline.ahead(start, count)


class ResourceCalendar(models.Model):
    _name = "resource.calendar"
    _inherit = ["resource.calendar", "telecom.guard.mixin"]

    # Asking

    def _get_hours(self, company):
        """This calendar's working time (``CalendarHours``), ``company``'s days off taken out."""
        self.ensure_one()
        return CalendarHours(self, company)

    def _work_until(self, company, start, seconds):
        """First instant (naive UTC) at which ``seconds`` of this calendar's working time have
        passed since ``start``; None if that is years away.

        Other companies' holidays do not count. Nothing is read that was read before, in
        whatever transaction, unless the hours have changed since.
        """
        if seconds <= 0:
            return start
        margin = MARGIN
        while True:
            instant = self._get_work_timeline(company, start, start + margin).add(start, seconds)
            if instant or margin > HORIZON:
                return instant
            margin *= 4

    def _work_between(self, company, start, stop):
        """Seconds of this calendar's working time between two instants (naive UTC)."""
        if stop <= start:
            return 0.0
        return self._get_work_timeline(company, start, stop).between(start, stop)

    def _get_work_timeline(self, company, start, stop):
        """``WorkTimeline`` of ``company`` that covers ``start`` to ``stop`` (naive UTC).

        It reaches over whole half-years, 1, 2, 4 or more: few are enough for all tickets.
        """
        first = start.year * 2 + (start.month > 6)
        halves = stop.year * 2 + (stop.month > 6) - first + 1
        last = first + (1 << (halves - 1).bit_length())
        return self._read_work_timeline(company.id, first, last)

    @ormcache("self.id", "company_id", "first", "last")
    def _read_work_timeline(self, company_id, first, last):
        """``WorkTimeline`` between the beginnings of two half-years, counted from year 0."""
        bounds = [datetime(half // 2, 7 if half % 2 else 1, 1) for half in (first, last)]
        return WorkTimeline(self._read_work_intervals(company_id, *bounds))

    def _read_work_intervals(self, company_id, start, stop):
        """Working intervals as sorted pairs of naive UTC datetimes, in whole seconds."""
        domain = [("time_type", "=", "leave"), ("company_id", "in", [False, company_id])]
        calendar = self.sudo().with_context(employee_timezone=None)
        [intervals] = calendar._work_intervals_batch(
            utc.localize(start), utc.localize(stop), domain=domain, tz=WallClock(timezone(self.tz))
        ).values()
        pairs = []
        for begin, end, _source in intervals:
            begin, end = (i.astimezone(utc).replace(tzinfo=None) for i in (begin, end))
            # Odoo writes midnight as the microsecond before, the end of a day off as the second.
            if end.microsecond:
                end = end.replace(microsecond=0) + SECOND
            if begin.microsecond:
                begin = begin.replace(microsecond=0) + SECOND
            if begin.second == 59:
                begin += SECOND
            if begin >= end:
                continue
            if pairs and pairs[-1][1] >= begin:
                pairs[-1] = (pairs[-1][0], max(end, pairs[-1][1]))
            else:
                pairs.append((begin, end))
        return pairs

    def _check_has_hours(self, purpose, advice=None):
        """:raises ValidationError: one of these calendars has no fixed hours to count by

        :param purpose: what it is to be used for, in words
        :param advice: what to do about it, in words, where no calendar is not around the clock
        """
        for calendar in self:
            rows = calendar.attendance_ids.filtered(
                lambda row: not row.display_type and row.day_period != "lunch"
            )
            if calendar.flexible_hours:
                reason = self.env._("is flexible: it does not say when people work")
            elif not any(row.hour_to > row.hour_from for row in rows):
                reason = self.env._("is empty: nobody ever works")
            else:
                continue
            if advice:
                raise ValidationError(
                    self.env._(
                        "The working hours “%(calendar)s” cannot be used for %(purpose)s, because "
                        "this calendar %(reason)s. %(advice)s",
                        calendar=calendar.name,
                        purpose=purpose,
                        reason=reason,
                        advice=advice,
                    )
                )
            raise ValidationError(
                self.env._(
                    "The working hours “%(calendar)s” cannot be used for %(purpose)s, because "
                    "this calendar %(reason)s. Add hours to it, choose another, or none to count "
                    "around the clock.",
                    calendar=calendar.name,
                    purpose=purpose,
                    reason=reason,
                )
            )

    # Whoever planned by these hours plans anew

    def write(self, vals):
        """Working time follows from these fields and from rows of other models (below)."""
        result = super().write(vals)
        if HOURS_FIELDS & vals.keys():
            self._hours_changed()
        return result

    def _hours_changed(self):
        """Hook: working hours or days off of these calendars changed."""
        self.env.registry.clear_cache()
        if "telecom_hours" not in self.env.cr.postcommit.data:
            # Somebody else may have read the old hours again in the meantime.
            self.env.cr.postcommit.data["telecom_hours"] = True
            self.env.cr.postcommit.add(self.env.registry.clear_cache)
        self.env["telecom.ticket.rule"]._plan_for_working_time()


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
        before = self._get_calendars()
        result = super().write(vals)
        self._tell_hours_changed(before)
        return result

    def unlink(self):
        calendars = self._get_calendars()
        result = super().unlink()
        self.browse()._tell_hours_changed(calendars)
        return result

    def _get_calendars(self):
        """Calendars (resource.calendar) whose hours these rows decide."""
        return self.sudo().calendar_id

    def _tell_hours_changed(self, before=None):
        """The hours of these rows' calendars changed, and those of the calendars ``before``."""
        if calendars := (self._get_calendars() | before if before else self._get_calendars()):
            calendars._hours_changed()


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "telecom.working.hours.mixin"]


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "telecom.working.hours.mixin"]

    def _get_calendars(self):
        # One person's leave leaves the team's hours as they are.
        general = self.sudo().filtered(lambda leave: not leave.resource_id)
        calendars = general.calendar_id
        of_all = general.filtered(lambda leave: not leave.calendar_id)
        if of_all:
            # Days off without a calendar count in every one of the company.
            companies = [False, *of_all.company_id.ids]
            domain = [("company_id", "in", companies)] if all(of_all.mapped("company_id")) else []
            calendars |= calendars.with_context(active_test=False).search(domain)
        return calendars
