"""What Berth promises about stays, in the plainest terms: nights are counted, prices multiplied, tiers compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Json = dict[str, Any]

CHECK_IN, CHECK_OUT = time(15), time(11)
BLOCKING = frozenset({"held", "confirmed", "checked_in"})
OWING = frozenset({"confirmed", "checked_in", "completed"})
ALIVE = BLOCKING | {"pending"}
ONE_DAY = timedelta(days=1)
HOLD_MINUTES = 30


@dataclass(frozen=True)
class Terms:
    """One version of a policy."""

    policy: str
    version: int
    amount: int
    confirmation: str
    tiers: tuple[tuple[int, int], ...] = ()
    """How many days before its start a reservation has to be cancelled, and the percentage that comes back then."""
    lead_days: int = 0
    closed_on: tuple[date, ...] = ()

    def document(self) -> Json:
        """The policy's document."""
        rules: list[Json] = []
        if self.lead_days:
            rules.append({"rule": "lead_time", "minimum_minutes": self.lead_days * 1440})
        if self.closed_on:
            closed = [{"from_on": f"{on}", "until_on": f"{on + ONE_DAY}", "reason": "Closed"} for on in self.closed_on]
            rules.append({"rule": "blackout_dates", "ranges": closed})
        confirmation: Json = {"kind": self.confirmation}
        if self.confirmation == "hold":
            confirmation["hold_minutes"] = HOLD_MINUTES
        if self.confirmation == "pending":
            confirmation["grace_minutes"] = 180
        return {
            "mode": {"mode": "stay", "check_in_time": "15:00", "check_out_time": "11:00", "min_nights": 1},
            "confirmation": confirmation,
            "rules": rules,
            "cancellation": [{"until_minutes_before": d * 1440, "refund_percent": p} for d, p in self.tiers],
            "rates": {"base": {"per": "night", "amount": self.amount}},
        }

    def price(self, nights: int, quantity: int) -> int:
        """What nights cost."""
        return self.amount * nights * quantity

    def percent_back(self, starts_at: datetime, now: datetime) -> int:
        """What part comes back of what is given up now."""
        return max((percent for days, percent in self.tiers if now <= starts_at - days * ONE_DAY), default=0)


@dataclass(eq=False)
class Stay:
    """A reservation."""

    id: str
    token: str = field(repr=False)
    tenant: str
    place: Place = field(repr=False)
    terms: Terms
    check_in_on: date
    check_out_on: date
    quantity: int
    party_size: int
    state: str
    total: int
    version: int
    promised: int | None = None
    """The unit that it has to keep."""
    hold_until: datetime | None = None
    given: timedelta = timedelta(0)
    """For how long it was held at first."""
    extended: bool = False
    marked_at: datetime | None = None
    """When staff last said that the guest came, left or did not come."""
    waits: bool = False
    """Whether a change of it waits, for room or for approval."""
    asked_at: datetime | None = None
    """When the change that waits was asked for."""
    retained: int = 0
    """What is owed for what was given up."""
    least: int = 0
    """What a cancellation retains at least: what it would have retained where the reservation stood before."""

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.check_in_on, CHECK_IN, UTC)

    @property
    def ends_at(self) -> datetime:
        return datetime.combine(self.check_out_on, CHECK_OUT, UTC)

    @property
    def nights(self) -> list[date]:
        return nights(self.check_in_on, self.check_out_on)

    @property
    def due(self) -> int:
        """What is owed: the price from the confirmation on, and what was retained of what was given up."""
        return (self.total if self.state in OWING else 0) + self.retained

    def kept_if_cancelled(self, now: datetime) -> int:
        """What a cancellation would retain."""
        back = _share(self.total, self.terms.percent_back(self.starts_at, now))
        return max(self.least, self.due - back) if self.state in OWING else self.due

    def holds(self, now: datetime) -> bool:
        """Whether it keeps units from others: an ended hold does not, although no job has expired it yet."""
        return self.state in BLOCKING and not self.hold_ended(now)

    def hold_ended(self, now: datetime) -> bool:
        """Whether it was held, and that is over."""
        return self.state == "held" and self.hold_until is not None and self.hold_until <= now


@dataclass(eq=False)
class Recurring:
    """A series and its reservations."""

    id: str
    version: int
    stays: list[Stay] = field(default_factory=list["Stay"])


@dataclass(eq=False)
class Closing:
    """Units that are closed over nights."""

    id: str
    check_in_on: date
    check_out_on: date
    units: frozenset[int]


@dataclass(eq=False)
class Waiting:
    """An entry of the waitlist."""

    id: str
    token: str
    tenant: str
    place: Place
    check_in_on: date
    check_out_on: date
    quantity: int
    state: str = "waiting"

    @property
    def nights(self) -> list[date]:
        return nights(self.check_in_on, self.check_out_on)

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.check_in_on, CHECK_IN, UTC)


@dataclass(eq=False)
class Place:
    """A resource."""

    slug: str
    id: str
    labelled: bool
    capacity: int
    most_people: int
    policy: str
    draws: frozenset[int] | None = None
    """The units of an inventory that it takes, where others take from that, too."""
    each: int = 1
    """How many of them one of it takes."""
    archived: bool = False
    closings: list[Closing] = field(default_factory=list["Closing"])
    stays: list[Stay] = field(default_factory=list["Stay"])
    beside: list[Place] = field(default_factory=list["Place"])
    """What takes from the same inventory."""
    guided: list[Place] = field(default_factory=list["Place"])
    """What needs the same guide, who leads one reservation at a time."""

    @property
    def units(self) -> frozenset[int]:
        """The numbers of what it takes from."""
        return frozenset(range(1, self.capacity + 1)) if self.draws is None else self.draws

    def used(self, on: date, now: datetime, but: Stay | None = None) -> int:
        """How many of its units nobody else can have in that night, by plain counting."""
        taken = 0
        for place in (self, *self.beside):
            common = len(place.units & self.units)
            for one in place.stays:
                if one is not but and one.holds(now) and on in one.nights:
                    taken += min(one.quantity * place.each, common)
        closed = {
            unit
            for place in (self, *self.beside)
            for one in place.closings
            if one.check_in_on <= on < one.check_out_on
            for unit in one.units & self.units
        }
        return taken + len(closed)

    def has_room(self, wanted: list[date], quantity: int, now: datetime, but: Stay | None = None) -> bool:
        """Whether counting leaves room in each night, and the guide is free."""
        return self.has_guide(wanted, now, but) and all(
            self.used(on, now, but) + quantity * self.each <= len(self.units) for on in wanted
        )

    def has_guide(self, wanted: list[date], now: datetime, but: Stay | None = None) -> bool:
        """Whether nothing else needs the guide in these nights."""
        led = [one for place in self.guided for one in place.stays if one is not but and one.holds(now)]
        return not any(set(one.nights) & set(wanted) for one in led)

    def may_be_closed(self, closed: list[date], count: int, now: datetime) -> bool:
        """Whether so many units more could be closed in each night, whoever has them."""
        return self.can_be_rearranged(closed, now) and all(
            self.used(on, now) + count <= len(self.units) for on in closed
        )

    def can_be_rearranged(self, wanted: list[date], now: datetime) -> bool:
        """Whether counting decides, also where others are moved: who has begun in a labelled unit had it before."""
        begun = self.labelled and any(one.holds(now) and one.starts_at <= now < one.ends_at for one in self.stays)
        return not self.beside and not begun and self.is_certain(wanted, now)

    def is_certain(self, wanted: list[date], now: datetime) -> bool:
        """Whether counting decides: labelled units that are promised, slept in or closed may stand apart."""
        if not self.labelled or self.capacity == 1:
            return True
        fixed = any(one.promised or one.state == "checked_in" for one in self.stays if one.holds(now))
        return not fixed and not self.closings


def nights(check_in_on: date, check_out_on: date) -> list[date]:
    """The nights of a stay."""
    return [check_in_on + number * ONE_DAY for number in range((check_out_on - check_in_on).days)]


def _share(amount: int, percent: int) -> int:
    """Half a cent up."""
    return (amount * percent + 50) // 100
