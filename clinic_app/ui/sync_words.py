"""How sync stands, in words: quiet while all is well or merely offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic_app.domain.clock import Unit, span_of
from clinic_app.services.sync_data import (
    CentreBusy,
    CentreFull,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
    OperationsForged,
    RoundProgress,
    Stage,
    StoreDiverged,
    SyncStatus,
    VersionTooOld,
    WorkstationRevoked,
)
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import clock_text, local_day, near_text
from clinic_app.ui.shell.rounds import PastTrouble, SyncState
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.progress import time_left_text

FAR_OFF_SECONDS = 900
"""From here on the dates of what is written are plainly wrong."""

QUIET = (CentreUnreachable, CentreBusy)
"""Troubles that are part of an ordinary day."""

STAGE_WORDS = {
    Stage.CONNECTING: "connecting",
    Stage.LOADING: "loading the clinic's records",
    Stage.PULLING: "receiving",
    Stage.PUSHING: "sending",
    Stage.IMAGES: "sending pictures",
    Stage.DONE: "nearly done",
}
ADVICE: dict[type[BaseException], str] = {
    CentreUnreachable: (
        "This is normal on the road. Everything is kept on this laptop and travels once a server"
        " answers; the program tries by itself."
    ),
    CentreBusy: "The program tries again by itself in a moment.",
    CentreRefused: (
        "Please ask whoever looks after the central server to check this workstation's account."
        " Everything is kept on this laptop meanwhile."
    ),
    CentreUntrusted: (
        "Nothing was sent. This may be a wrong network or a server that is not the clinic's. Please"
        " tell whoever looks after the central server before trying elsewhere."
    ),
    CentreFull: (
        "Please tell whoever looks after the central server. Everything is kept on this laptop and"
        " travels once there is room."
    ),
    WorkstationRevoked: (
        "You can go on reading and writing here, but nothing travels any more. Please ask your"
        " administrator before entering more."
    ),
    VersionTooOld: (
        "Please have the program on this laptop updated. Everything is kept here and travels"
        " afterwards."
    ),
    ClockWrong: (
        "Please set date and time of this laptop. What was written keeps its order by the server's"
        " time meanwhile."
    ),
    StoreDiverged: (
        "This happens when a backup was brought back or a store was copied. Please do not use the"
        " other copy, and ask your administrator."
    ),
    OperationsForged: (
        "What does not carry the right signature was not taken over. Please tell whoever looks"
        " after the central server today."
    ),
}


FAST = {
    Unit.MINUTES: "The clock of this laptop is {number} minutes fast. Please set it.",
    Unit.HOURS: "The clock of this laptop is {number} hours fast. Please set it.",
    Unit.DAYS: "The clock of this laptop is {number} days fast. Please set it.",
    Unit.YEARS: "The clock of this laptop is {number} years fast. Please set it.",
}
SLOW = {
    Unit.MINUTES: "The clock of this laptop is {number} minutes slow. Please set it.",
    Unit.HOURS: "The clock of this laptop is {number} hours slow. Please set it.",
    Unit.DAYS: "The clock of this laptop is {number} days slow. Please set it.",
    Unit.YEARS: "The clock of this laptop is {number} years slow. Please set it.",
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """``drawing`` and ``tone`` of the sign; ``tip`` says more."""

    text: str
    drawing: str
    tone: str
    tip: str


def indicator_of(state: SyncState, now: datetime) -> Indicator:
    """The line at the foot of the navigation."""
    status = state.status
    if status is None or not status.joined:
        waiting = status.pending if status is not None else 0
        tip = tr(
            "Everything is kept on this laptop. Changes travel once a central server is joined."
        )
        return Indicator(_offline(waiting), "offline", "muted", tip)
    if state.progress is not None:
        said = tr("Syncing · {what}").format(what=progress_text(state.progress))
        return Indicator(said, "sync", "accent", said)
    if state.trouble is not None and not is_quiet(state.trouble):
        return Indicator(tr("Sync needs attention"), "alert", "warning", state.trouble.sentence)
    off = state.clock_off_seconds
    if off is not None and abs(off) > FAR_OFF_SECONDS:
        return _clock_indicator(off)
    if status.conflicts:
        tip = tr("Two workstations wrote different things; a person has to settle it.")
        return Indicator(to_settle(status.conflicts), "versions", "warning", tip)
    if off is not None:
        return _clock_indicator(off)
    if state.trouble is not None or status.trouble is not None:
        tip = state.trouble.sentence if state.trouble is not None else status.trouble or ""
        return Indicator(_offline(status.pending), "offline", "muted", tip)
    if status.pending or status.pending_images:
        tip = tr("They travel with the next round.")
        return Indicator(waiting_here(status), "sync", "muted", tip)
    if status.last_success is None:
        return Indicator(tr("Joined; not synced yet"), "sync", "muted", "")
    same_day = local_day(status.last_success) == local_day(now)
    when = clock_text(status.last_success) if same_day else near_text(status.last_success, now)
    said = tr("Up to date · {when}").format(when=when)
    return Indicator(said, "check", "good", tr("Everything here is at the centre as well."))


def _clock_indicator(off: float) -> Indicator:
    return Indicator(tr("The clock is off"), "clock", "warning", clock_off_text(off))


def is_quiet(trouble: PastTrouble) -> bool:
    """Whether nobody needs to do anything about it."""
    return issubclass(trouble.kind, QUIET)


def advice_for(kind: type[BaseException]) -> str:
    """What can be done about a trouble; empty where the program has nothing to advise."""
    return tr(ADVICE[kind]) if kind in ADVICE else ""


def progress_text(progress: RoundProgress) -> str:
    """As in "receiving 40 %"."""
    words = tr(STAGE_WORDS[progress.stage])
    if progress.stage in (Stage.CONNECTING, Stage.DONE):
        return f"{words}…"
    return f"{words} {round(100 * progress.share)} %"


def progress_line(progress: RoundProgress) -> str:
    """As in "receiving 40 % · 1,200 received, 3 sent"; a snapshot is loaded as one whole, which
    takes long enough to say how long."""
    if progress.stage is Stage.LOADING:
        still = time_left_text(progress.seconds_left)
        return " · ".join(part for part in (progress_text(progress), still) if part)
    counts = tr("{pulled} received, {pushed} sent").format(
        pulled=number_text(progress.pulled), pushed=number_text(progress.pushed)
    )
    return f"{progress_text(progress)} · {counts}"


def waiting_text(changes: int) -> str:
    if changes == 1:
        return tr("1 change waiting")
    return tr("{number} changes waiting").format(number=number_text(changes))


def waiting_here(status: SyncStatus) -> str:
    """What is still to travel: changes first, pictures where there are no changes."""
    if status.pending or not status.pending_images:
        return waiting_text(status.pending)
    if status.pending_images == 1:
        return tr("1 picture waiting")
    return tr("{number} pictures waiting").format(number=number_text(status.pending_images))


def to_settle(conflicts: int) -> str:
    if conflicts == 1:
        return tr("1 thing to settle")
    return tr("{number} things to settle").format(number=number_text(conflicts))


def clock_off_text(seconds: float) -> str:
    """As in "The clock of this laptop is 4 minutes fast. Please set it."."""
    amount, unit = span_of(seconds)
    words = tr((FAST if seconds > 0 else SLOW)[unit]).format(number=number_text(amount))
    if abs(seconds) <= FAR_OFF_SECONDS:
        return words
    order = tr(
        "Syncing goes on: changes keep their order by the server's time meanwhile. The dates in"
        " them are this laptop's."
    )
    return f"{words} {order}"


def _offline(changes: int) -> str:
    if not changes:
        return tr("Offline")
    return tr("Offline · {waiting}").format(waiting=waiting_text(changes))
