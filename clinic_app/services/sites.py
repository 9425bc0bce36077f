"""Learning together with other clinics: their group, agreements that a person signs, and the head
that a round ends with.

One laptop takes part for its clinic, and its keys stay on it: two that do not know of each other
could send sums twice. What is kept comes before what is sent: an agreement names its cases before
the other clinics hear of it, and every message is on disk before it leaves. Whatever ends the
program between, ``advance`` goes on from there. The head becomes a challenger as any other.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound, WrongState
from clinic_app.domain.joint_learning import (
    Agreement,
    JoinedGroup,
    RoundState,
    SiteEventKind,
    SiteMember,
    fold_joint,
    same_code,
)
from clinic_app.domain.local_head import signed_reason
from clinic_app.domain.sentence import sentence, together
from clinic_app.services.chosen_file import chosen_bytes
from clinic_app.services.saving import check_place, save_file
from clinic_app.services.session import Desk
from clinic_app.services.sites_book import OWN_GROUP, OWN_KEY, SitesBook
from clinic_app.services.sites_cases import (
    JointConsent,
    joint_pool,
    left_out,
    new_cases,
    reasons_to_wait,
    site_cases,
    still_agreed,
)
from clinic_app.services.sites_data import (
    GroupView,
    RoundRow,
    RoundSeen,
    SingledOut,
    SiteCard,
    SiteCases,
    SitesBox,
    SitesExchange,
    SitesStanding,
    SitesTrouble,
    SiteTooSmall,
)
from clinic_app.services.sites_entry import (
    ELSEWHERE,
    FILE_LIMIT,
    NO_GROUP,
    OVER,
    RUNS,
    against,
    round_to_enter,
    seen_or_broken,
)
from clinic_app.services.sites_rows import group_view, recorded_row, seen_row
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.sync_data import SyncTrouble

SECRET_BYTES = 32

_NO_ROUND = sentence("No round is under way.")


class SitesService:
    def __init__(self, desk: Desk, exchange: SitesExchange) -> None:
        self._desk = desk
        self._exchange = exchange
        self._book = SitesBook(desk)

    # --- looking -------------------------------------------------------------------------------

    def standing(self) -> SitesStanding:
        """What this clinic's records say, without asking the centre; looking is audited."""
        user = self._desk.allow(Action.SEE_LEARNING)
        with self._desk.unit_of_work() as work:
            history = fold_joint(work.site_events.all())
            pool = joint_pool(work, self._desk.now())
            consent = JointConsent(work)
            chosen = new_cases(work, pool, history)
            without = left_out(work, pool, self._desk.now())
            secret, content = work.site_desk.own(OWN_KEY), work.site_desk.own(OWN_GROUP)
            card = None if secret is None else self._card(work, secret)
            rows = [recorded_row(work, history, one, consent) for one in reversed(history.rounds)]
            work.audit.record(AuditKind.READ, user.id, "joint learning")
            work.commit()
        joined, public = None, None if secret is None else self._exchange.public_key(secret)
        elsewhere = history.elsewhere(public)
        if secret is not None and content is not None:
            joined = self._exchange.read_group(content, secret)
        return SitesStanding(
            card=card,
            group=None if joined is None else group_view(joined),
            base=pool.base,
            cases=len(chosen),
            people=len({one.person for one in chosen}),
            against=against(history, joined, chosen, elsewhere=elsewhere),
            rounds=tuple(rows),
            left_out=without,
            elsewhere=elsewhere,
        )

    def look(self) -> tuple[RoundRow, ...]:
        """The newest rounds to which this clinic is asked, as they stand at the centre, newest
        first. Audited. Raises ``WrongState`` without a group, ``SyncTrouble``."""
        user = self._desk.allow(Action.SEE_LEARNING)
        joined, secret = self._joined()
        with self._exchange.open(joined, secret) as box:
            found = box.rounds()
        with self._desk.unit_of_work() as work:
            history = fold_joint(work.site_events.all())
            consent = JointConsent(work)
            now = self._desk.now()
            rows = tuple(seen_row(work, history, joined, one, consent, now) for one in found)
            work.audit.record(AuditKind.READ, user.id, "joint learning", None, "rounds")
            work.commit()
        return rows

    # --- the group -----------------------------------------------------------------------------

    def save_card(self, path: Path) -> SiteCard:
        """Write this clinic's card, for who makes the group; its key is made the first time, and
        this laptop takes part for the clinic.

        There is no secret in the file. Raises ``ReportFailed``, and ``WrongState`` where another
        laptop takes part.
        """
        user = self._desk.allow(Action.SHARE_LEARNING)
        check_place(path)
        with self._desk.unit_of_work() as work:
            secret = work.site_desk.own(OWN_KEY)
            if secret is None:
                if fold_joint(work.site_events.all()).elsewhere(None):
                    raise WrongState(ELSEWHERE)
                secret = secrets.token_bytes(SECRET_BYTES)
                work.site_desk.put_own(OWN_KEY, secret)
                work.audit.record(AuditKind.CREATED, user.id, "joint learning", None, "key")
            card = self._card(work, secret)
            work.commit()
        save_file(self._exchange.card(card.name, secret), path)
        return card

    def look_at_group(self, path: Path) -> GroupView:
        """What a group file says; nothing is kept. Raises ``InvalidInput`` (field ``file``)."""
        self._desk.allow(Action.SHARE_LEARNING)
        secret = self._secret()
        return group_view(self._exchange.read_group(chosen_bytes(path, FILE_LIMIT), secret))

    def join_group(self, path: Path, code: str, password: str) -> GroupView:
        """Take a group file in. ``code`` is typed as another clinic of the group reads it out: a
        file in which somebody put other keys has another one.

        The file is as secret as a key and should be deleted. Raises ``InvalidInput`` (fields
        ``file``, ``code``), ``WrongState`` while a round is under way, ``WrongPassword``.
        """
        user = self._desk.allow(Action.SHARE_LEARNING)
        self._desk.reauthenticate(password)
        secret, content = self._secret(), chosen_bytes(path, FILE_LIMIT)
        joined = self._exchange.read_group(content, secret)
        if not same_code(code, joined.group.code):
            raise InvalidInput(
                "code",
                "This is not the code of the group in this file. Please ask another clinic of the"
                " group to read its code out again; where they differ, do not use the file.",
            )
        with self._desk.unit_of_work() as work:
            history = fold_joint(work.site_events.all())
            if history.elsewhere(self._exchange.public_key(secret)):
                raise WrongState(ELSEWHERE)
            if history.under_way is not None:
                raise WrongState(RUNS)
            work.site_desk.put_own(OWN_GROUP, content)
            self._book.tell(work, SiteEventKind.GROUP, group=joined.group)
            work.audit.record(
                AuditKind.CHANGED, user.id, "joint learning", joined.group.id, "group"
            )
            work.commit()
        return group_view(joined)

    # --- rounds --------------------------------------------------------------------------------

    def agree(
        self, round_id: UUID | None, sites: Sequence[int], reason: str, password: str
    ) -> RoundRow:
        """Take part in a round with all cases that may, signed with a reason and the password.

        ``None`` opens a new one among the members at these places, this clinic's own included;
        another clinic's round is entered by its ID, and ``sites`` is not looked at. The agreement
        is kept before it is sent, so that ``advance`` sends it where this was interrupted; a centre
        that went away between is the trouble of the row.

        Raises ``InvalidInput`` (fields ``text``, ``sites``), ``SiteTooSmall``, ``WrongState``,
        ``NotFound``, ``SitesTrouble``, ``SyncTrouble``, ``WrongPassword``.
        """
        user = self._desk.allow(Action.SHARE_LEARNING)
        text = signed_reason(reason)
        self._desk.reauthenticate(password)
        joined, secret = self._joined()
        with self._desk.unit_of_work() as work:
            base = self._ready(work, secret).base
            work.commit()
        with self._exchange.open(joined, secret) as box:
            self._check_known(box)
            chosen, places = round_to_enter(box, round_id, sites, joined, base)
            with self._desk.unit_of_work() as work:
                if fold_joint(work.site_events.all()).round(chosen).agreed is not None:
                    raise WrongState("This round has ended already.")
                cases = self._ready(work, secret)
                if cases.base != base:
                    raise WrongState("The cases changed meanwhile. Please agree again.")
                agreement = Agreement(
                    group_id=joined.group.id,
                    sites=places,
                    base=cases.base,
                    cases=cases.ids,
                    people=tuple(sorted(cases.people)),
                )
                self._book.tell(work, SiteEventKind.AGREED, chosen, text=text, agreement=agreement)
                work.site_desk.begin(chosen, secrets.token_bytes(SECRET_BYTES))
                work.audit.record(AuditKind.SIGNED, user.id, "joint learning", chosen, "agreed")
                work.commit()
            try:
                box.agree(chosen, self._book.memory(chosen), cases, places)
                seen = box.seen(chosen)
            except SyncTrouble as trouble:
                seen = _not_sent(chosen, places, trouble)
            return self._row(joined, seen)

    def advance(self) -> RoundRow:
        """Send what this clinic owes in the round under way, and keep the head at its end.

        Can be run again at any time. Where nothing may be sent any more, the round is stopped for
        everybody: a person has withdrawn, the others are too few, or what is asked for could single
        somebody out. A stop of which the others have not heard is told first; with no round under
        way, its row is returned.

        Raises ``WrongState`` without a round, ``SyncTrouble``; and after a stop ``SitesTrouble``,
        ``SiteTooSmall`` or ``SingledOut``.
        """
        self._desk.allow(Action.SHARE_LEARNING)
        joined, secret = self._joined()
        with self._desk.unit_of_work() as work:
            history = fold_joint(work.site_events.all())
        found, stopped = history.under_way, history.stopped_at(joined)
        if found and found.agreement and found.agreement.group_id != joined.group.id:
            raise WrongState(ELSEWHERE)
        idle = found is None or found.agreement is None
        if idle and not stopped:
            raise WrongState(_NO_ROUND)
        with self._exchange.open(joined, secret) as box:
            untold = stopped - box.stopped()
            for one in untold:
                box.stop(one)
            if found is None or found.agreement is None:
                if not untold:
                    raise WrongState(_NO_ROUND)
                return self._row(joined, seen_or_broken(box, max(untold)))
            try:
                if history.elsewhere(self._exchange.public_key(secret)):
                    raise SitesTrouble(ELSEWHERE)
                seen = self._send(box, found.id, found.agreement)
            except (SitesTrouble, SiteTooSmall, SingledOut):
                self._book.keep_stop(found.id, joined, (joined.place,))
                with suppress(SyncTrouble, SitesTrouble):  # the next call tells the others
                    box.stop(found.id)
                raise
        if seen.state is RoundState.STOPPED:
            self._book.keep_stop(found.id, joined, seen.waiting)
        elif seen.state is RoundState.FINISHED:
            self._book.keep_head(joined, found.agreement, seen)
        return self._row(joined, seen)

    def stop(self, round_id: UUID, reason: str, password: str) -> RoundRow:
        """End a round for everybody in it, signed with a reason and the password; an invitation is
        declined in this way too.

        A round that this clinic agreed to ends here even where the centre cannot be reached: the
        row says then that the others are not told. The next ``advance`` tells them.

        Raises ``InvalidInput`` (field ``text``), ``NotFound``, ``WrongState`` for one that has
        ended, ``SyncTrouble`` for an invitation, ``WrongPassword``.
        """
        self._desk.allow(Action.SHARE_LEARNING)
        text = signed_reason(reason)
        self._desk.reauthenticate(password)
        joined, secret = self._joined()
        with self._desk.unit_of_work() as work:
            ours = fold_joint(work.site_events.all()).round(round_id).agreed is not None
        try:
            with self._exchange.open(joined, secret) as box:
                before = seen_or_broken(box, round_id)
                if not ours and joined.place not in before.sites:
                    raise NotFound("This clinic is not asked to take part in such a round.")
                if before.state in OVER:
                    raise WrongState("This round has ended already.")
                if ours:
                    self._book.keep_stop(round_id, joined, (joined.place,), text)
                box.stop(round_id)
                self._book.keep_stop(round_id, joined, (joined.place,), text)
                return self._row(joined, seen_or_broken(box, round_id))
        except SyncTrouble as trouble:
            if not ours:
                raise
            self._book.keep_stop(round_id, joined, (joined.place,), text)
            untold = sentence("{why} The other clinics are not told yet.", why=trouble.sentence)
            bare = RoundSeen(round_id, RoundState.STOPPED, waiting=(joined.place,), trouble=untold)
            return self._row(joined, bare)

    # --- inside --------------------------------------------------------------------------------

    def _card(self, work: UnitOfWork, secret: bytes) -> SiteCard:
        own = SiteMember(work.clinic.get().name, self._exchange.public_key(secret))
        return SiteCard(own.name, own.public_key, own.code)

    def _secret(self) -> bytes:
        with self._desk.unit_of_work() as work:
            secret = work.site_desk.own(OWN_KEY)
            if secret is None and fold_joint(work.site_events.all()).elsewhere(None):
                raise WrongState(ELSEWHERE)
        if secret is None:
            raise WrongState("Please write this clinic's card first, for who makes the group.")
        return secret

    def _joined(self) -> tuple[JoinedGroup, bytes]:
        secret = self._secret()
        with self._desk.unit_of_work() as work:
            content = work.site_desk.own(OWN_GROUP)
        if content is None:
            raise WrongState(NO_GROUP)
        return self._exchange.read_group(content, secret), secret

    def _ready(self, work: UnitOfWork, secret: bytes) -> SiteCases:
        """All cases that may take part, when this laptop may agree to a round with them."""
        history = fold_joint(work.site_events.all())
        if history.elsewhere(self._exchange.public_key(secret)):
            raise WrongState(ELSEWHERE)
        if history.under_way is not None:
            raise WrongState(RUNS)
        pool = joint_pool(work, self._desk.now())
        chosen = new_cases(work, pool, history)
        reasons = reasons_to_wait(chosen)
        if reasons:
            raise SiteTooSmall("{why}", why=together(reasons))
        return site_cases(work, pool.base, chosen)

    def _check_known(self, box: SitesBox) -> None:
        """Records that were restored may have forgotten whose sums were sent already."""
        with self._desk.unit_of_work() as work:
            known = {one.id for one in fold_joint(work.site_events.all()).rounds if one.agreed}
        if box.agreed() - known:
            raise WrongState(
                "This clinic took part in a round that its records do not know. They were restored"
                " from an older backup: whose sums were sent is not known any more. Where this"
                " clinic has a centre of its own, a sync may bring the records back."
            )

    def _send(self, box: SitesBox, round_id: UUID, agreement: Agreement) -> RoundSeen:
        """Everything that is owed, as long as every case of the agreement may still be used."""
        seen = box.seen(round_id)
        if seen.state in OVER:
            return seen
        with self._desk.unit_of_work() as work:
            cases = still_agreed(work, joint_pool(work, self._desk.now()), agreement)
            work.commit()
        if cases is None:
            raise SitesTrouble(
                "Some cases that were agreed to may not be used any more; the round is stopped."
            )
        memory = self._book.memory(round_id)
        if not seen.joined:  # interrupted between keeping the agreement and sending it
            box.agree(round_id, memory, cases, agreement.sites)
        return box.advance(round_id, memory, cases)

    def _row(self, joined: JoinedGroup, seen: RoundSeen) -> RoundRow:
        with self._desk.unit_of_work() as work:
            history = fold_joint(work.site_events.all())
            consent = JointConsent(work)
            return seen_row(work, history, joined, seen, consent, self._desk.now())


def _not_sent(round_id: UUID, places: tuple[int, ...], trouble: SyncTrouble) -> RoundSeen:
    kept = sentence(
        "{why} The agreement is kept, and is sent when this goes on.", why=trouble.sentence
    )
    return RoundSeen(round_id, RoundState.AGREEING, places, places, trouble=kept)
