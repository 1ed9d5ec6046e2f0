"""Percentages that add up to 100."""

from decimal import Decimal


def split_percent(weights, digits=2):
    """Shares in percent that add up to 100 exactly: ``{key: float}``.

    :param weights: ``{key: int}``; without any weight all are alike
    :param digits: decimals of a share. What is left by rounding goes to the heaviest.
    """
    if not weights:
        return {}
    total = sum(weights.values())
    if total <= 0:
        weights = dict.fromkeys(weights, 1)
        total = len(weights)
    step = Decimal(1).scaleb(-digits)
    shares = {
        key: (Decimal(100 * weight) / total).quantize(step) for key, weight in weights.items()
    }
    heaviest = max(weights, key=weights.get)
    shares[heaviest] += 100 - sum(shares.values())
    return {key: float(share) for key, share in shares.items() if share}
