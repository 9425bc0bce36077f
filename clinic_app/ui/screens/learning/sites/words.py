"""What a round and a clinic in it are called; plain functions, no widgets."""

from __future__ import annotations

from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites_data import RoundRow
from clinic_app.ui.moments import moment_text
from clinic_app.ui.strings import tr

ABOUT = (
    "Clinics that know each other train one local head together, and none of them shows a record"
    " to another. What leaves this clinic are sums over the cases of people who agreed to it,"
    " hidden so that the other clinics learn the total of all clinics: no picture, no name, no"
    " single person's numbers. They are told besides how many people of each band take part here,"
    " rounded down to a multiple of five, and the centre sees who sends when and how much. A round"
    " begins only once somebody in each clinic has agreed to it with a reason; what was sent cannot"
    " be taken back, and the head that comes of it is used by nobody here before it was compared"
    " and promoted like any other."
)

SENT = (
    "Their sums, hidden: the others learn the total of all clinics. No picture, name or note, and"
    " no single person's numbers. A total over many people says little about each of them, but not"
    " nothing.",
    "To every clinic of the group, with this agreement: how many people these are, in all and in"
    " each band, rounded down to a multiple of five.",
    "It goes on with every sync of this laptop while an administrator is signed in, until it ends.",
    "Once one of these people has taken the consent back and this laptop knows it, nothing more is"
    " sent: the round ends when this laptop next goes on, and the others hear of it then.",
    "What was sent cannot be taken back. Nobody's numbers are joined a second time.",
)
"""What signing an agreement means, after how many take part."""

_STATES = {
    RoundState.INVITED: "Another clinic asks for a round",
    RoundState.AGREEING: "Waiting for agreements",
    RoundState.FITTING: "Fitting together",
    RoundState.FINISHED: "A round that has ended with a head",
    RoundState.STOPPED: "A round that was stopped",
}


def state_text(row: RoundRow, *, known: bool) -> str:
    """The heading of a round; ``known`` as in ``clinic_text``."""
    if not known and row.is_open:
        return tr("A round is under way")
    if row.state is RoundState.FITTING and row.steps:
        return tr("Fitting together, {n} steps done").format(n=row.steps)
    return tr(_STATES[row.state])


def clinic_text(row: RoundRow, name: str, *, known: bool) -> tuple[str, str, str]:
    """How a clinic stands in an open round: words, drawing and the drawing's tone. ``known``: the
    centre has just told; this clinic's records do not say how others stand."""
    if not known:
        return tr("not known without the centre"), "offline", "muted"
    fitting, since = row.state is RoundState.FITTING, row.waiting_since
    if name not in row.waiting_for:
        return tr("sums sent") if fitting else tr("agreed"), "check", "accent"
    if since is None:
        words = tr("sums awaited") if fitting else tr("agreement awaited")
    else:
        due = tr("sums awaited since {when}") if fitting else tr("agreement awaited since {when}")
        words = due.format(when=moment_text(since))
    return words, "clock", "warning"


def ended_text(row: RoundRow) -> str:
    """Who took part in a round that is over, and who ended it."""
    text = tr("With {clinics}.").format(clinics=", ".join(row.sites))
    if row.stopped_by:
        text += " " + tr("Stopped by {clinics}.").format(clinics=", ".join(row.stopped_by))
    return text


def people_text(cases: int, people: int) -> str:
    """How many take part."""
    return tr("{cases} cases of {people} people").format(cases=cases, people=people)
