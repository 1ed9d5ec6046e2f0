"""One piece of work at a time, each in a fresh transaction, contenders in turn."""

import gc
import statistics
from dataclasses import dataclass
from time import perf_counter

from odoo import api
from odoo.modules.registry import Registry


@dataclass
class Sample:
    seconds: float
    queries: int


@dataclass
class Result:
    """Of one work, one contender and one number of tickets; times in seconds a unit of work."""

    median: float
    low: float  # first quartile
    high: float  # third quartile
    queries: float
    repeats: int

    @classmethod
    def of(cls, samples: list[Sample], units: int):
        times = sorted(sample.seconds / units for sample in samples)
        low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
        queries = statistics.median(sample.queries for sample in samples) / units
        return cls(statistics.median(times), low, high, queries, len(times))


def once(registry: Registry, work, contender, number: int) -> Sample:
    """Measures `work` in a transaction of its own, from its first line to the end of its commit.

    What `work` needs is prepared in another transaction, so that no record is cached when the
    clock starts, as in a new request; caches of the registry are as warm as on a server that has
    been up for a while. The garbage collector runs before, not during.
    """
    with registry.cursor() as cr:
        subject = work.prepare(api.Environment(cr, work.uid, work.context), contender, number)
    with registry.cursor() as cr:
        env = api.Environment(cr, work.uid, work.context)
        gc.collect()
        gc.disable()
        try:
            queries, began = cr.sql_log_count, perf_counter()
            work.act(env, contender, subject)
            cr.commit()
            return Sample(perf_counter() - began, cr.sql_log_count - queries)
        finally:
            gc.enable()


def compare(registry: Registry, work, contenders) -> dict[str, Result]:
    """Measures `work` for each of the contenders that can do it, in turn: {key: result}.

    A first round warms up and does not count. The order changes from round to round.
    """
    able = [each for each in contenders if work.can(each)]
    samples = {each.key: [] for each in able}
    gc.collect()
    gc.freeze()
    for number in range(work.repeats + 1):
        turn = number % len(able)
        for contender in able[turn:] + able[:turn]:
            sample = once(registry, work, contender, number)
            if number:
                samples[contender.key].append(sample)
    return {key: Result.of(each, work.units) for key, each in samples.items()}
