"""Round robin in plain Python: who gets the next ticket."""


def pick(candidates, turns, loads=None):
    """Choose who gets the next ticket.

    :param candidates: ids of those who may get it, at least one
    :param turns: ids of those who had a turn already, the longest ago first
    :param loads: ``{id: number of tickets}``; the smallest number wins, turns break ties
    :return: one of ``candidates``; who never had a turn comes first, the oldest id before others
    """
    position = {id_: place for place, id_ in enumerate(turns)}
    loads = loads or {}
    return min(candidates, key=lambda id_: (loads.get(id_, 0), position.get(id_, -1), id_))


def after_turn(turns, id_):
    """``turns`` once ``id_`` had theirs."""
    return [*(other for other in turns if other != id_), id_]
