"""What is reserved by the hour, open from the evening until after midnight: a tour's slots, and a studio's intervals.

The model looks at every half hour: who is there, and whether there is room for one more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Json = dict[str, Any]
HALF_HOUR = timedelta(minutes=30)
HOUR = 2 * HALF_HOUR
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FREE_CANCELLATION = timedelta(hours=12)
HALF_BACK = timedelta(hours=2)


@dataclass(frozen=True)
class Hours:
    """How something is reserved by the hour; it is open each evening, for some hours."""

    slug: str
    labelled: bool
    capacity: int
    opens: time
    open_for: timedelta
    step: timedelta
    shortest: timedelta
    longest: timedelta
    amount: int
    """For each unit: of a slot, or of an hour."""
    slots: bool
    after: timedelta = timedelta(0)
    """What stays free after each use."""
    notice: timedelta = timedelta(0)

    def document(self) -> Json:
        """The policy's document."""
        closes = (datetime.combine(date(2027, 1, 1), self.opens) + self.open_for).time()
        hours = [{"opens": f"{self.opens:%H:%M}", "closes": f"{closes:%H:%M}"}]
        rules: list[Json] = [{"rule": "opening_hours", "weekly": dict.fromkeys(WEEKDAYS, hours)}]
        if self.notice:
            rules.append({"rule": "lead_time", "minimum_minutes": _minutes(self.notice)})
        if self.after:
            rules.append({"rule": "buffers", "before_minutes": 0, "after_minutes": _minutes(self.after)})
        mode: Json = {"offered_in": "opening_hours", "step_minutes": _minutes(self.step)}
        if self.slots:
            mode |= {"mode": "slot", "slot_minutes": _minutes(self.shortest)}
        else:
            mode |= {
                "mode": "interval",
                "min_minutes": _minutes(self.shortest),
                "max_minutes": _minutes(self.longest),
            }
        return {
            "mode": mode,
            "confirmation": {"kind": "instant"},
            "rules": rules,
            "cancellation": [
                {"until_minutes_before": _minutes(FREE_CANCELLATION), "refund_percent": 100},
                {"until_minutes_before": _minutes(HALF_BACK), "refund_percent": 50},
            ],
            "rates": {"base": {"per": "slot" if self.slots else "hour", "amount": self.amount}},
        }

    def price(self, lasting: timedelta, quantity: int) -> int:
        """What it costs."""
        return self.amount * quantity * (1 if self.slots else _minutes(lasting)) // (1 if self.slots else 60)

    def accepts(self, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
        """Whether it may be had at this time, if there is room."""
        if starts_at <= now or starts_at - now < self.notice:
            return False
        if not self.shortest <= ends_at - starts_at <= self.longest:
            return False
        for on in (starts_at.date() - ONE_DAY, starts_at.date()):
            opens_at = datetime.combine(on, self.opens, UTC)
            if opens_at <= starts_at and ends_at <= opens_at + self.open_for:
                return (starts_at - opens_at) % self.step == timedelta(0)
        return False


KINDS = {
    "walk": Hours(
        "walk",
        labelled=False,
        capacity=4,
        opens=time(20),
        open_for=timedelta(hours=7),
        step=HOUR,
        shortest=2 * HOUR,
        longest=2 * HOUR,
        amount=1500,
        slots=True,
    ),
    "studio": Hours(
        "studio",
        labelled=True,
        capacity=1,
        opens=time(18),
        open_for=timedelta(hours=10),
        step=HALF_HOUR,
        shortest=HOUR,
        longest=4 * HOUR,
        amount=3000,
        slots=False,
        after=HALF_HOUR,
        notice=timedelta(hours=3),
    ),
}


@dataclass(eq=False)
class Use:
    """A reservation by the hour."""

    id: str
    token: str = field(repr=False)
    place: Site = field(repr=False)
    starts_at: datetime
    ends_at: datetime
    quantity: int
    state: str = "confirmed"
    least: int = 0
    """What a cancellation retains at least: what it would have retained where the reservation stood before."""
    retained: int = 0

    @property
    def total(self) -> int:
        return self.place.hours.price(self.ends_at - self.starts_at, self.quantity)

    @property
    def due(self) -> int:
        return (self.total if self.state in {"confirmed", "completed"} else 0) + self.retained

    def kept_if_cancelled(self, now: datetime) -> int:
        """What a cancellation would retain."""
        return max(self.least, self.due - (self.total * self.percent_back(now) + 50) // 100)

    def percent_back(self, now: datetime) -> int:
        """What part comes back of what is given up now."""
        left = self.starts_at - now
        return 100 if left >= FREE_CANCELLATION else 50 if left >= HALF_BACK else 0

    def blocks(self, at: datetime, now: datetime) -> bool:
        """Whether it has its units at an instant; what is past is nobody's any more."""
        until = self.ends_at + self.place.hours.after
        return self.state == "confirmed" and self.starts_at <= at < until and until > now


@dataclass(eq=False)
class Site:
    """A resource that is reserved by the hour."""

    id: str
    hours: Hours
    capacity: int
    uses: list[Use] = field(default_factory=list[Use])

    def used(self, at: datetime, now: datetime, but: Use | None = None) -> int:
        """How many units are taken at an instant."""
        return sum(one.quantity for one in self.uses if one is not but and one.blocks(at, now))

    def has_room(
        self, starts_at: datetime, ends_at: datetime, quantity: int, now: datetime, but: Use | None = None
    ) -> bool:
        """Whether there is room in each of its half hours, those after it that stay free included."""
        until = ends_at + self.hours.after
        instants = [starts_at + number * HALF_HOUR for number in range((until - starts_at) // HALF_HOUR)]
        return all(self.used(at, now, but) + quantity <= self.capacity for at in instants)

    def busiest(self, now: datetime) -> int:
        """The most units that are taken at any instant from now on."""
        instants = {max(one.starts_at, now) for one in self.uses}
        return max((self.used(at, now) for at in instants), default=0)


def _minutes(lasting: timedelta) -> int:
    return lasting // timedelta(minutes=1)
