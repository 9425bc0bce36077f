"""Local heads: fitted on what doctors settled on, judged on people locked away, promoted by a
person who signs for it, and taken back in one step.

A promoted head reads beside the shipped estimate from the next picture on. Stored findings stay as
they are, abstentions and flags too.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic_app.domain.access import Action
from clinic_app.domain.adjudication import reader_table
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.drift import DriftVersion
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.face_case import FaceCase
from clinic_app.domain.finding import Finding
from clinic_app.domain.ids import new_id
from clinic_app.domain.kappa import kappa_between
from clinic_app.domain.local_head import (
    Comparison,
    HeadEvent,
    HeadEventKind,
    HeadHistory,
    LocalHead,
    fold_heads,
    read_with,
    signed_reason,
)
from clinic_app.domain.sentence import together
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.exported_sets import cases_to_drop
from clinic_app.services.learning_card import decided_about, head_card
from clinic_app.services.learning_cases import (
    LEARNT_FROM,
    Labelled,
    People,
    Pool,
    compared_embeddings,
    guard_of,
    learning_key,
    pool_of,
    to_fit,
    to_judge,
    unknown_to,
)
from clinic_app.services.learning_data import (
    HeadLearner,
    IdleInUse,
    LearningState,
    Member,
    WithdrawnInUse,
)
from clinic_app.services.learning_rows import Gone, champion_of, head_row, step_back
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork


class LearningService:
    def __init__(self, desk: Desk, learner: HeadLearner) -> None:
        self._desk = desk
        self._learner = learner

    # --- looking -------------------------------------------------------------------------------

    def state(self) -> LearningState:
        """What there is and what is missing; looking is audited."""
        user = self._desk.allow(Action.SEE_LEARNING)
        with self._desk.unit_of_work() as work:
            pool = self._pool(work)
            history = fold_heads(work.head_events.all())
            gone = Gone(work)
            heads = work.heads.all()
            rows = tuple(head_row(one, heads, history, gone) for one in heads[::-1])
            to_drop = cases_to_drop(work)
            work.audit.record(AuditKind.READ, user.id, "learning")
            work.commit()
        versions = {row.head.id: row.head for row in rows}
        back = step_back(rows, history)
        return LearningState(
            base=pool.base,
            settled=len(pool.labelled),
            fitted=len(pool.fitted),
            locked=len(pool.locked),
            elsewhere=pool.elsewhere,
            waiting=pool.waiting,
            guard=pool.guard,
            looks=history.looks,
            rows=rows,
            in_use=versions.get(history.in_use) if history.in_use else None,
            to_drop=to_drop,
            can_roll_back=history.in_use is not None,
            roll_back_to=back.version if back is not None else "",
        )

    def withdrawn_in_use(self) -> WithdrawnInUse | None:
        """For whoever can replace it: a head in use goes on reading with what was learnt from a
        case that was withdrawn, until a person decides. ``None`` where there is no such case, and
        of a head for other models than those that read pictures now: it reads none any more."""
        self._desk.allow(Action.FIT_HEAD)
        with self._desk.unit_of_work() as work:
            head = _in_use(work)
            if head is None:
                return None
            gone = Gone(work)
            cases = len(gone.fitted(head).intersection(head.cases)) if gone.reads(head) else 0
        return WithdrawnInUse(head.version, cases) if cases else None

    def idle_in_use(self) -> IdleInUse | None:
        """For whoever can replace it: a head in use that reads no picture, because it is for other
        models than those that read them now."""
        self._desk.allow(Action.FIT_HEAD)
        with self._desk.unit_of_work() as work:
            head = _in_use(work)
            idle = head is not None and not Gone(work).reads(head)
        return IdleInUse(head.version) if head is not None and idle else None

    def members(self, head_id: UUID) -> tuple[Member, ...]:
        """Which cases a head was fitted on and then those it was last compared on, without what was
        seen in them: who looks may have to review them yet. Audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.SEE_LEARNING)
        with self._desk.unit_of_work() as work:
            head = work.heads.get(head_id)
            judged_on = fold_heads(work.head_events.all()).judged_on.get(head_id, ())
            cases = {one.screening_id: one for one in work.face_cases.all()}
            gone = Gone(work)
            found = tuple(
                Member(
                    screening_id=one,
                    patient_id=cases[one].patient_id,
                    finished_at=cases[one].finished_at,
                    withdrawn=one in (gone.judged if judged else gone.fitted(head)),
                    judged=judged,
                )
                for judged, listed in ((False, head.cases), (True, judged_on))
                for one in listed
                if one in cases
            )
            work.audit.record(AuditKind.READ, user.id, "local head", head_id, "members")
            work.commit()
        return found

    def card(self, head_id: UUID) -> str:
        """What a head is and what its labels were, Markdown. Raises ``NotFound``."""
        user = self._desk.allow(Action.SEE_LEARNING)
        with self._desk.unit_of_work() as work:
            events = work.head_events.all()
            head = work.heads.get(head_id)
            row = head_row(head, work.heads.all(), fold_heads(events), Gone(work))
            names = {one.id: one.display_name for one in work.users.all()}
            zone = work.clinic.get().time_zone
            work.audit.record(AuditKind.READ, user.id, "local head", head_id, "card")
            work.commit()
        return head_card(row, decided_about(head_id, events), names, zone)

    def drift(self, stop: Stop = never) -> tuple[DriftVersion, ...]:
        """Month by month in the clinic's own time, by version of the models, of everybody who
        agrees to training and checking models. Takes a while."""
        user = self._desk.allow(Action.SEE_LEARNING)
        with self._desk.unit_of_work() as work:
            zone = ZoneInfo(work.clinic.get().time_zone)
            agreed = work.face_cases.consenting(*LEARNT_FROM)
            people = People(work)
            cases = [
                (_of_person(one, people), f"{one.finished_at.astimezone(zone):%Y-%m}")
                for one in work.face_cases.all()
                if one.patient_id in agreed
            ]
            chosen = compared_embeddings(cases)
            read = work.face_cases.embeddings(chosen)
            work.audit.record(AuditKind.READ, user.id, "drift")
            work.commit()
        filled = [
            (replace(one, embedding=read.get(one.screening_id, b"")), month) for one, month in cases
        ]
        return self._learner.drift(filled, stop)

    # --- fitting and comparing -----------------------------------------------------------------

    def fit(self, progress: Progress = unheard, stop: Stop = never) -> LocalHead:
        """A new head on the part that is not locked; it is kept, not put into use.

        Raises ``WrongState`` with what is missing while there are too few people, and when a
        consent was withdrawn meanwhile; ``LearningStopped``.
        """
        user = self._desk.allow(Action.FIT_HEAD)
        with self._desk.unit_of_work() as work:
            pool = self._pool(work)
            kappa = kappa_between(reader_table(pool.read))
            cases = to_fit(work, pool.fitted)
            read = work.mark()
            work.commit()
        if pool.guard.missing_to_fit:
            raise WrongState(
                "There are too few people to fit on. {missing}",
                missing=together(pool.guard.missing_to_fit),
            )
        found = self._learner.fit(cases, progress, stop)
        with self._desk.unit_of_work() as work:
            if work.mark() != read and self._pool(work).fitted != pool.fitted:
                raise WrongState("The cases changed while it was fitted. Please fit again.")
            head = LocalHead(
                id=new_id(),
                number=max((one.number for one in work.heads.all()), default=0) + 1,
                base=pool.base,
                fitted_at=self._desk.now(),
                fitted_by=user.id,
                cuts=found.cuts,
                weights=found.weights,
                cases=_ids(pool.fitted),
                people=len({one.person for one in pool.fitted}),
                people_by_band=found.people_by_band,
                effective_cases=found.effective_cases,
                effective_weights=found.effective_weights,
                penalty=found.penalty,
                slope=found.slope,
                out_of_fold_kappa=found.out_of_fold_kappa,
                out_of_fold_loss=found.out_of_fold_loss,
                reader_kappa=kappa,
            )
            work.heads.add(head)
            work.audit.record(AuditKind.CREATED, user.id, "local head", head.id, head.version)
            work.commit()
        return head

    def compare(self, head_id: UUID) -> Comparison:
        """Against the shipped head and another one in use on the locked part; every look is counted
        and costs coverage.

        People on whom one of the local heads was fitted before they came into the locked part (by
        a merge), or under another record with the same picture, are left out. Raises ``NotFound``,
        and ``WrongState``, with no look spent, while there is too little to judge by, when no
        comparison could lead to a promotion of this head, which holds a withdrawn case perhaps, and
        when a consent was withdrawn meanwhile.
        """
        user = self._desk.allow(Action.FIT_HEAD)
        with self._desk.unit_of_work() as work:
            head = work.heads.get(head_id)
            pool = self._pool(work)
            history = fold_heads(work.head_events.all())
            self._check_worth_a_look(work, head, history)
            if pool.guard.missing_to_judge:
                raise WrongState(
                    "There are too few people to judge by. {missing}",
                    missing=together(pool.guard.missing_to_judge),
                )
            champion = champion_of(head, work.heads.all(), history, Gone(work))
            fitted = {case for one in (head, champion) if one for case in one.cases}
            new = unknown_to(work, pool.locked, fitted)
            look = history.looks + 1
            cases = to_judge(work, new)
            read = work.mark()
            work.commit()
        if not cases:
            raise WrongState("Everybody in the locked part was fitted on before; nobody is new.")
        missing = guard_of(pool.fitted, new).missing_to_judge
        if missing:
            raise WrongState(
                "Without those who were fitted on before there are too few people to judge by."
                " {missing}",
                missing=together(missing),
            )
        left_out = len(pool.locked) - len(new)
        found = self._learner.compare(head, cases, look=look, left_out=left_out, champion=champion)
        with self._desk.unit_of_work() as work:
            if work.mark() != read:
                locked = self._pool(work).locked
                if locked != pool.locked or unknown_to(work, locked, fitted) != new:
                    raise WrongState("The cases changed meanwhile. Please compare again.")
            self._check_worth_a_look(work, head, history)
            after = fold_heads(work.head_events.all())
            if (after.looks, after.in_use) != (history.looks, history.in_use):
                raise WrongState("Another comparison came in between. Please compare again.")
            judged_on = _ids(tuple(new))
            self._tell(work, HeadEventKind.COMPARED, head.id, comparison=found, judged_on=judged_on)
            work.audit.record(
                AuditKind.CHANGED, user.id, "local head", head.id, f"compared, look {look}"
            )
            work.commit()
        return found

    # --- deciding ------------------------------------------------------------------------------

    def promote(self, head_id: UUID, reason: str, password: str) -> LocalHead:
        """Put a head into use beside the shipped one, signed with a reason and the password.

        Raises ``WrongState`` with what stands against it, ``InvalidInput`` without a reason,
        ``NotFound``, ``WrongPassword``.
        """
        user = self._desk.allow(Action.PROMOTE_HEAD)
        text = signed_reason(reason)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            history = fold_heads(work.head_events.all())
            row = head_row(work.heads.get(head_id), work.heads.all(), history, Gone(work))
            if row.in_use:
                raise WrongState("This head is in use already.")
            if row.against:
                raise WrongState("{why}", why=together(row.against))
            self._tell(work, HeadEventKind.PROMOTED, head_id, text)
            work.audit.record(
                AuditKind.SIGNED, user.id, "local head", head_id, f"promoted {row.head.version}"
            )
            work.commit()
        return row.head

    def roll_back(self, reason: str, password: str, to: str | None = None) -> LocalHead | None:
        """One step back, to the head before or to none; signed as a promotion is. ``to`` is what
        was told to whoever signs, as `LearningState.roll_back_to`.

        Heads that hold a withdrawn case, or read embeddings of other models than those in use, are
        passed over: they may not be put into use. Raises ``WrongState`` when no local head is in
        use, and when the step leads elsewhere than ``to`` by now.
        """
        user = self._desk.allow(Action.PROMOTE_HEAD)
        text = signed_reason(reason)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            history = fold_heads(work.head_events.all())
            if history.in_use is None:
                raise WrongState("No local head is in use.")
            gone = Gone(work)
            heads = work.heads.all()
            rows = [head_row(one, heads, history, gone) for one in heads]
            back = step_back(rows, history)
            if to is not None and to != (back.version if back is not None else ""):
                raise WrongState("Another decision came in between. Please look again.")
            back_id = None if back is None else back.id
            self._tell(work, HeadEventKind.ROLLED_BACK, back_id, text)
            work.audit.record(
                AuditKind.SIGNED, user.id, "local head", history.in_use, "rolled back"
            )
            work.commit()
        return back

    # --- inside --------------------------------------------------------------------------------

    def _check_worth_a_look(self, work: UnitOfWork, head: LocalHead, history: HeadHistory) -> None:
        """Looks are few: none is spent on a head that may not be promoted however it does."""
        past = head_row(head, work.heads.all(), history, Gone(work)).past_comparing
        if past:
            raise WrongState("{why}", why=together(past))

    def _pool(self, work: UnitOfWork) -> Pool:
        return pool_of(work, learning_key(work, self._desk.now()))

    def _tell(
        self,
        work: UnitOfWork,
        kind: HeadEventKind,
        head_id: UUID | None,
        text: str = "",
        comparison: Comparison | None = None,
        judged_on: tuple[UUID, ...] = (),
    ) -> None:
        by = self._desk.session.user.id
        work.head_events.add(
            HeadEvent(new_id(), kind, self._desk.now(), by, head_id, text, comparison, judged_on)
        )


def _of_person(case: FaceCase, people: People) -> FaceCase:
    """Under the surviving record, where records were merged."""
    person = people.of(case.patient_id)
    return case if person == case.patient_id else replace(case, patient_id=person)


def with_local_reading(work: UnitOfWork, finding: Finding) -> Finding:
    """The finding as the head in use reads it beside the estimate; without one, as it came."""
    head = _in_use(work)
    return finding if head is None else read_with(head, finding)


def _in_use(work: UnitOfWork) -> LocalHead | None:
    in_use = fold_heads(work.head_events.all()).in_use
    if in_use is None:
        return None
    try:
        return work.heads.get(in_use)
    except NotFound:  # its promotion came with a sync before the head did
        return None


def _ids(cases: tuple[Labelled, ...]) -> tuple[UUID, ...]:
    return tuple(one.case.screening_id for one in cases)
