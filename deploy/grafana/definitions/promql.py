"""PromQL expressions that panels repeat, over the processes or channels chosen at the top of a dashboard."""

PROCESSES = 'job=~"$job",instance=~"$instance"'
CHANNELS = 'channel=~"$channel"'
DECISION_REQUESTS = 'route="/api/v1/predictions",method="POST"'


def _matching(metric: str, *conditions: str) -> str:
    chosen = ",".join(each for each in conditions if each)
    return f"{metric}{{{chosen}}}" if chosen else metric


def rate(metric: str, where: str, by: str = "", *, over: str = "$__rate_interval") -> str:
    """The increase per second of a counter, summed by labels."""
    return _summed(f"rate({_matching(metric, where)}[{over}])", by)


def increase(metric: str, where: str, by: str = "", *, over: str = "$__range") -> str:
    """The increase of a counter over the range that the dashboard shows, summed by labels."""
    return _summed(f"increase({_matching(metric, where)}[{over}])", by)


def quantile(part: float, histogram: str, where: str, by: str = "", *, over: str = "$__rate_interval") -> str:
    """A quantile of a histogram, by labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({part}, {rate(histogram + '_bucket', where, labels, over=over)})"


def mean(histogram: str, where: str, by: str = "") -> str:
    """The mean of a histogram's observations, by labels."""
    return f"{rate(histogram + '_sum', where, by)} / {rate(histogram + '_count', where, by)}"


def share(metric: str, where: str, by: str, *, over: str = "$__rate_interval") -> str:
    """What part of a counter's increase each value of a label has."""
    return f"{rate(metric, where, by, over=over)} / ignoring({by}) group_left {rate(metric, where, over=over)}"


def ratio(metric: str, part: str, where: str, *, over: str = "$__rate_interval") -> str:
    """The part of a counter's increase that meets a condition: 0 if none does."""
    counted = rate(metric, f"{where},{part}" if where else part, over=over)
    return f"({counted} or vector(0)) / {rate(metric, where, over=over)}"


def or_zero(expression: str) -> str:
    """The expression, or 0 where nothing has been counted yet."""
    return f"{expression} or vector(0)"


def _summed(expression: str, by: str) -> str:
    return f"sum by ({by}) ({expression})" if by else f"sum({expression})"


def events(kind: str, where: str) -> str:
    """Security events of a kind per minute: 0 if there were none."""
    counted = rate("scoring_security_events_total", f"{where},{kind}")
    return f"60 * ({or_zero(counted)})"
