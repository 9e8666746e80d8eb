"""What whoever looks after the bot can read at /metrics: figures only, never anybody's words or ids."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db import measures

# Slack waits three seconds, so the steps are finer before that.
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5)


class Metrics:
    """Counts in memory what this process answers, and reads from the database what all of them did."""

    def __init__(self, readings: sessionmaker[Session], now: Callable[[], datetime]) -> None:
        self._readings = readings
        self._now = now
        self._registry = CollectorRegistry()
        self._refused = Counter(
            "safe_to_fail_requests_refused",
            "Requests that had no effect, by reason.",
            ["reason"],
            registry=self._registry,
        )
        self._unknown = Counter(
            "safe_to_fail_requests_unknown", "What Slack sent and we do not know.", ["what"], registry=self._registry
        )
        self._answered = Histogram(
            "safe_to_fail_answer_seconds",
            "How long an answer to Slack took, by kind of request.",
            ["kind"],
            registry=self._registry,
            buckets=SECONDS,
        )
        self._registry.register(self)

    def refused(self, reason: str) -> None:
        """One more request was refused."""
        self._refused.labels(reason).inc()

    def unknown(self, what: str) -> None:
        """One more request asked for what we do not know."""
        self._unknown.labels(what).inc()

    def answered(self, kind: str, seconds: float) -> None:
        """One more request was answered, after so many seconds."""
        self._answered.labels(kind).observe(seconds)

    def page(self) -> str:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Metric]:
        """What stands in the database; without one, that there is none."""
        try:
            with self._readings() as session:
                found = measures.read(session)
        except SQLAlchemyError:
            yield GaugeMetricFamily("safe_to_fail_database_answers", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("safe_to_fail_database_answers", "Whether the database answers.", 1)
        yield GaugeMetricFamily(
            "safe_to_fail_oldest_due_seconds",
            "For how long the oldest message has been due without being sent.",
            self._since(found.oldest_due),
        )
        if found.last_beat:
            yield GaugeMetricFamily(
                "safe_to_fail_beat_age_seconds", "When the worker was last heard of.", self._since(found.last_beat)
            )
        messages = GaugeMetricFamily("safe_to_fail_messages", "Messages that are not sent, by state.", labels=["state"])
        for state, count in found.messages.items():
            messages.add_metric([state], count)
        yield messages
        figures = CounterMetricFamily("safe_to_fail_figures", "What was counted so far.", labels=["name", "reason"])
        for (name, reason), count in found.figures.items():
            figures.add_metric([name, reason], count)
        yield figures

    def _since(self, moment: datetime | None) -> float:
        return max(0.0, (self._now() - moment).total_seconds()) if moment else 0.0
