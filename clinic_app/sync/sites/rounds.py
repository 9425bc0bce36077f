"""One site's part in a round of learning: agree, send what is next, take the head, or stop.

A round needs nobody to lead it and nobody to be online with anybody else. Each site, whenever it
reaches the centre, reads what lies there, works out how far the sums go, and adds what it owes. A
round ends with the same head at every site, or with a stop that any of them may send. A site that
never answers holds it up until somebody stops it and starts another without that site: sums without
one of the sites are noise.

A site trusts its own memory before what the centre shows: of each step it sends one message and no
other, and none once the centre has shown it another past. Else a centre that works together with a
member could let it answer again and again, at places of their choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from clinic_app.domain.joint_learning import JoinedGroup, RoundState
from clinic_app.domain.operations import decode_fields, encode_fields
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.inference.learning.federated import (
    RULES,
    Counts,
    Course,
    SitesFit,
    check_others,
    check_site,
    counts_of,
    length,
)
from clinic_app.inference.learning.fitting import Cases
from clinic_app.inference.learning.masks import OutOfRange, masked, unmasked
from clinic_app.services.sites_data import FEWEST_SITES, RoundMemory, Sent, SitesTrouble
from clinic_app.services.small_numbers import SMALLEST
from clinic_app.sync.sites.messages import (
    FIRST_STEP,
    JOIN,
    STOP,
    Box,
    RoundKey,
    Row,
    SiteKey,
    opened,
    sealed,
)


@dataclass(frozen=True, slots=True)
class Join:
    """A site's agreement: with whom, under which rules, on embeddings of which models and how many
    numbers a case, of how many people.

    ``public`` is its key for this round; ``mark`` binds it to the cases that it agreed to.
    """

    sites: tuple[int, ...]
    rules: int
    base: str
    size: int
    counts: Counts
    public: bytes
    mark: bytes

    @property
    def about(self) -> tuple[tuple[int, ...], int, str, int]:
        """What all have to agree on."""
        return self.sites, self.rules, self.base, self.size


@dataclass(frozen=True)
class Own:
    """What a site may fit on now: ``ids`` name the cases, the same for a whole round; ``stored``
    are their embeddings as they are kept."""

    base: str
    cases: Cases = field(repr=False)
    ids: tuple[UUID, ...] = field(repr=False)
    stored: tuple[bytes, ...] = field(repr=False)

    def listed(self) -> bytes:
        """All that sums are made of, case by case: what an agreement is bound to. Embeddings as
        stored: another version of the program may work out other last bits of the same ones."""
        rows = zip(self.ids, self.cases.bands, self.cases.people, self.stored, strict=True)
        return b"".join(
            case.bytes + int(band).to_bytes(1, "big") + int(person).to_bytes(4, "big") + embedding
            for case, band, person, embedding in sorted(rows, key=lambda row: row[0])
        )


@dataclass(frozen=True)
class Standing:
    """``sites`` whose agreement or step is awaited, or who stopped; ``steps`` are summed up.

    ``since`` is when what is awaited became due, by the centre's clock: the round was opened, or
    the last message before that step came in. ``joins`` are the agreements that were sent, by site.
    """

    state: RoundState
    sites: tuple[int, ...] = ()
    steps: int = 0
    since: datetime | None = None
    fit: SitesFit | None = field(default=None, repr=False)
    joins: Mapping[int, Join] = field(default_factory=dict, repr=False)

    @property
    def about(self) -> Join | None:
        """What the round is about, as soon as anybody has asked this site to it."""
        return next(iter(self.joins.values()), None)


Said = dict[tuple[int, int], Row]
"""What was sent, opened, by site and number."""


class SiteRound:
    """A round as one site takes part in it."""

    def __init__(
        self, joined: JoinedGroup, key: SiteKey, memory: RoundMemory, box: Box, round_id: UUID
    ) -> None:
        self._joined, self._place, self._key = joined, joined.place, key
        self._memory, self._box, self._round = memory, box, round_id

    def agree(self, own: Own, sites: Iterable[int]) -> None:
        """Take part with these cases, among these sites; the first agreement opens the round.

        Raises ``SiteTooSmall``, and ``SitesTrouble`` when others agreed to something else.
        """
        check_site(own.cases)
        join = Join(
            sites=tuple(sorted(set(sites))),
            rules=RULES,
            base=own.base,
            size=own.cases.x.shape[1],
            counts=counts_of(own.cases),
            public=self._round_key().public,
            mark=self._key.mark(self._round, own.listed()),
        )
        self._check(join)
        if self._place not in join.sites:
            raise SitesTrouble("A clinic agrees for itself alone.")
        _, joins = self._read()
        if any(other.about != join.about for other in joins.values()):
            raise _apart()
        self._post(JOIN, b"", encode_fields(to_plain(join)))

    def stop(self) -> None:
        """End the round for everybody, unless all sums of a head are there."""
        self._box.post(self._sealed(STOP, b""))

    def standing(self) -> Standing:
        """How far the round is, without sending anything."""
        return self._standing(*self._read())[0]

    def advance(self, own: Own) -> Standing:
        """Send everything that this site owes now, and say how far the round is.

        Raises ``SitesTrouble`` before an agreement, when the cases are not those that were agreed
        to, when the messages do not fit together or are others than before; ``SiteTooSmall`` when
        the others are too few; ``SingledOut``: nothing is sent then.
        """
        while True:
            said, joins = self._read()
            standing, course = self._standing(said, joins)
            mine = joins.get(self._place)
            if mine is None:
                raise SitesTrouble("This clinic has not agreed to the round.")
            if course is None or self._place not in standing.sites:
                return standing
            if mine.base != own.base or mine.mark != self._key.mark(self._round, own.listed()):
                raise SitesTrouble("The cases are no longer those that were agreed to.")
            check_others({site: one.counts for site, one in joins.items()}, mine.size)
            self._send(own, said, joins, course)
            others = tuple(one for one in standing.sites if one != self._place)
            if others:
                return replace(standing, sites=others)

    # --- inside --------------------------------------------------------------------------------

    def _send(self, own: Own, said: Said, joins: Mapping[int, Join], course: Course) -> None:
        step = course.steps
        history = _history(said, step)
        try:
            secrets = self._secrets(joins, history)
            vector = masked(course.contribution(own.cases), self._place, secrets, step)
        except OutOfRange as error:
            raise SitesTrouble("The sums of this clinic are too large to be hidden.") from error
        self._post(FIRST_STEP + step, history, vector)
        lies = [row.number for row in self._box.read(self._round) if row.site == self._place]
        if FIRST_STEP + step not in lies:
            raise SitesTrouble("The centre does not keep what this clinic sends.")

    def _read(self) -> tuple[Said, dict[int, Join]]:
        """What the sites of this round sent, and their agreements; every message is opened and its
        sender checked. What other members put there counts for nothing.

        Raises ``SitesTrouble`` when the sites do not agree.
        """
        rows = {
            (row.site, row.number): row
            for row in self._box.read(self._round)
            if row.round == self._round
        }
        about = self._asked(rows)
        if about is None:
            return {}, {}
        said = {
            key: replace(row, body=opened(self._joined, row))
            for key, row in sorted(rows.items())
            if row.site in about.sites
        }
        joins = {
            site: self._join(row.body) for (site, number), row in said.items() if number == JOIN
        }
        if any(one.about != about.about for one in joins.values()):
            raise _apart()
        return said, joins

    def _asked(self, rows: Mapping[tuple[int, int], Row]) -> Join | None:
        """What this site agreed to; before it did, what the first other one asks it to."""
        own = rows.get((self._place, JOIN))
        if own is not None:
            return self._join(opened(self._joined, own))
        return next(self._invitations(rows), None)

    def _invitations(self, rows: Mapping[tuple[int, int], Row]) -> Iterator[Join]:
        for (site, number), row in sorted(rows.items()):
            if number != JOIN:
                continue
            try:
                join = self._join(opened(self._joined, row))
            except SitesTrouble:
                continue
            if site in join.sites and self._place in join.sites:
                yield join

    def _join(self, content: bytes) -> Join:
        try:
            join = from_plain(Join, decode_fields(content))
        except ValueError as error:
            raise SitesTrouble("An agreement cannot be read.") from error
        self._check(join)
        return join

    def _check(self, join: Join) -> None:
        places = range(len(self._joined.group.members))
        one_of_each = tuple(sorted(set(join.sites))) == join.sites
        known = all(one in places for one in join.sites)
        if len(join.sites) < FEWEST_SITES or not one_of_each or not known:
            raise SitesTrouble(
                "A round needs at least {least} clinics of the group.", least=FEWEST_SITES
            )

    def _standing(self, said: Said, joins: Mapping[int, Join]) -> tuple[Standing, Course | None]:
        """With the fit so far, where it asks for more. What is complete is finished, though
        somebody wanted to stop it afterwards: others have the head already."""
        bare = Standing(RoundState.AGREEING, joins=joins)
        about = bare.about
        if about is None:
            return bare, None
        stopped = tuple(one for one in about.sites if (one, STOP) in said)
        missing = tuple(one for one in about.sites if one not in joins)
        if missing and not stopped:
            return replace(
                bare, sites=missing, since=min(_received(said, JOIN), default=None)
            ), None
        course = Course(about.size)
        while not missing and not isinstance(course.asked, SitesFit):
            missing = tuple(
                one for one in about.sites if (one, FIRST_STEP + course.steps) not in said
            )
            if not missing:
                number = FIRST_STEP + course.steps
                self._add(course, [said[one, number].body for one in about.sites])
                _check_told(course, joins)
        if isinstance(course.asked, SitesFit):
            state = RoundState.FINISHED
            return replace(bare, state=state, steps=course.steps, fit=course.asked), None
        if stopped:
            state = RoundState.STOPPED
            return replace(bare, state=state, sites=stopped, steps=course.steps), None
        before = JOIN if course.steps == 0 else FIRST_STEP + course.steps - 1
        since = max(_received(said, before), default=None)
        fitting = replace(bare, state=RoundState.FITTING, sites=missing, since=since)
        return replace(fitting, steps=course.steps), course

    def _add(self, course: Course, parts: list[bytes]) -> None:
        try:
            course.add(unmasked(parts, length(course.steps, course.size)))
        except ValueError as error:
            raise SitesTrouble("The sums of the clinics lead to no head.") from error

    def _round_key(self) -> RoundKey:
        secret = self._memory.secret()
        if secret is None:
            raise SitesTrouble(
                "This laptop has no key for the round: its records were restored from a backup,"
                " its place at its own centre changed, or the round began on another one."
            )
        return RoundKey(secret)

    def _secrets(self, joins: Mapping[int, Join], history: bytes) -> dict[int, bytes]:
        key, group = self._round_key(), self._joined.group
        try:
            return {
                other: key.shared(group, self._round, join.public, history)
                for other, join in joins.items()
                if other != self._place
            }
        except ValueError as error:
            raise SitesTrouble("A clinic's key for this round is none.") from error

    def _post(self, number: int, history: bytes, content: bytes) -> None:
        """Keep the message, then send it; what was kept before is sent again, and nothing else."""
        kept = self._memory.sent(number)
        if kept is None:
            kept = Sent(history, self._sealed(number, content).body)
            self._memory.keep(number, kept)
        elif kept.history != history:
            raise SitesTrouble("The centre shows other messages of this round than before.")
        self._box.post(Row(self._round, self._place, number, kept.body))

    def _sealed(self, number: int, content: bytes) -> Row:
        return sealed(self._joined, self._key, Row(self._round, self._place, number, content))


def _history(said: Said, step: int) -> bytes:
    """SHA-256 over everything that was sent before a step."""
    history = hashlib.sha256()
    for site, number in sorted(said):
        if number < FIRST_STEP + step:
            history.update(site.to_bytes(2, "big") + number.to_bytes(2, "big"))
            history.update(hashlib.sha256(said[site, number].body).digest())
    return history.digest()


def _received(said: Said, number: int) -> list[datetime]:
    return [row.received for (_, one), row in said.items() if one == number and row.received]


def _check_told(course: Course, joins: Mapping[int, Join]) -> None:
    """The people in the sums are as many as the sites said, who rounded them down."""
    told = np.sum([one.counts.by_band for one in joins.values()], axis=0)
    over = np.array(course.people_by_band) - told
    if (over < 0).any() or (over > (SMALLEST - 1) * len(joins)).any():
        raise SitesTrouble("The sums are of other people than the clinics said they would be.")


def _apart() -> SitesTrouble:
    return SitesTrouble(
        "The clinics do not agree on who takes part, or on the version of program and models."
    )
