"""How long a sign-in holds: twelve hours, however often the window was locked and unlocked since.

Whoever sits before a person when the time is up is not cut off. For one more hour the services
allow what finishing a screening needs, and nothing else; the safety steps are allowed until the
window locks, which it does after the idle time at the latest. A patient who holds the laptop
answers on: the staff's password, which takes it back, is the new sign-in then.
"""

from __future__ import annotations

from collections.abc import Callable

from clinic_app.domain.access import Action
from clinic_app.domain.clock import seconds_up

TERM_S = 12 * 3600.0
"""Seconds from one sign-in to the next."""

NOTICE_S = 15 * 60.0
"""So long before it is said; an unlocking from then on is a sign-in already, so that one can be
made when it suits."""

TO_FINISH_S = 3600.0
"""So long after it a screening that was begun can be finished."""

WITH_A_PERSON = frozenset(
    {
        Action.SEE_PATIENTS,
        Action.RECORD_CONSENT,
        Action.TAKE_SCREENING,
        Action.SEE_SCREENINGS,
        Action.ANSWER_QUESTIONNAIRE,
        Action.HANDLE_SAFETY,
    }
)
"""What a screening takes, from consent to saving."""


class SignInTerm:
    """The time of one sign-in; ``up`` gives seconds on a clock that nobody can set."""

    def __init__(self, up: Callable[[], float] = seconds_up) -> None:
        self._up = up
        self._since = up()

    def renew(self) -> None:
        """Somebody has signed in just now."""
        self._since = self._up()

    @property
    def left(self) -> float:
        """Seconds until the sign-in ends; below zero it has ended."""
        return TERM_S - (self._up() - self._since)

    @property
    def due(self) -> bool:
        """Whether unlocking takes a whole sign-in: it has ended, or will before long."""
        return self.left <= NOTICE_S

    def allows(self, action: Action) -> bool:
        """Whether staff may still do this without signing in again."""
        left = self.left
        if left > 0 or action is Action.HANDLE_SAFETY:
            return True
        return left > -TO_FINISH_S and action in WITH_A_PERSON
