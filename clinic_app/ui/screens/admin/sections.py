"""Which sections the settings have, what the role must allow for each, and how one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clinic_app.domain.access import Action
from clinic_app.domain.people import ClinicProfile
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.workspace import Workspace

Saved = Callable[[ClinicProfile], None]


@dataclass(frozen=True, slots=True)
class Place:
    """``action`` is what the role must allow."""

    name: str
    words: str
    drawing: str
    action: Action


@dataclass(frozen=True, slots=True)
class Group:
    words: str
    places: tuple[Place, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "People",
        (
            Place("users", "Users", "user", Action.EDIT_USERS),
            Place("security", "Passwords and lock", "lock", Action.EDIT_CLINIC),
            Place("devices", "Devices", "keyboard", Action.SEE_DEVICES),
        ),
    ),
    Group(
        "Clinic",
        (
            Place("clinic", "Name and contact", "clinic", Action.EDIT_CLINIC),
            Place("hours", "Opening hours", "clock", Action.EDIT_CLINIC),
            Place("contacts", "Crisis contacts", "phone", Action.EDIT_CLINIC),
            Place("screening", "Screening", "screening", Action.EDIT_CLINIC),
            Place("instruments", "Instruments", "document", Action.EDIT_CLINIC),
            Place("languages", "Languages", "globe", Action.EDIT_CLINIC),
            Place("texts", "Texts in reports", "document", Action.EDIT_CLINIC),
            Place("lists", "Lists", "pen", Action.EDIT_CLINIC),
            Place("models", "Models", "models", Action.EDIT_MODELS),
            Place("learning", "Local heads", "trend", Action.FIT_HEAD),
        ),
    ),
    Group(
        "Records",
        (
            Place("backup", "Backup", "save", Action.BACK_UP),
            Place("retention", "Retention", "today", Action.RUN_RETENTION),
            Place("erasures", "Erasure requests", "close", Action.DECIDE_ERASURE),
            Place("audit", "Audit trail", "shield", Action.SEE_AUDIT),
        ),
    ),
)


def make_section(name: str, workspace: Workspace, jobs: Jobs, saved: Saved) -> Section:
    """The section of that name; nothing of a section is loaded before it is opened."""
    if name in _PROFILE:
        return _profile_section(name, workspace, jobs, saved)
    return _other_section(name, workspace, jobs)


_PROFILE = frozenset({"security", "clinic", "hours", "contacts", "screening", "texts", "lists"})


def _profile_section(name: str, workspace: Workspace, jobs: Jobs, saved: Saved) -> Section:
    from clinic_app.ui.screens.admin.profile.clinic import ClinicSection
    from clinic_app.ui.screens.admin.profile.contacts import ContactsSection
    from clinic_app.ui.screens.admin.profile.hours import HoursSection
    from clinic_app.ui.screens.admin.profile.screening import ScreeningSection
    from clinic_app.ui.screens.admin.profile.security import SecuritySection
    from clinic_app.ui.screens.admin.profile.wording import ListsSection, TextsSection

    made = {
        "security": SecuritySection,
        "clinic": ClinicSection,
        "hours": HoursSection,
        "contacts": ContactsSection,
        "screening": ScreeningSection,
        "texts": TextsSection,
        "lists": ListsSection,
    }
    return made[name](workspace, jobs, saved)


def _other_section(name: str, workspace: Workspace, jobs: Jobs) -> Section:
    from clinic_app.ui.screens.admin.audit.view import AuditSection
    from clinic_app.ui.screens.admin.backup.view import BackupSection
    from clinic_app.ui.screens.admin.devices import DevicesSection
    from clinic_app.ui.screens.admin.erasures.view import ErasuresSection
    from clinic_app.ui.screens.admin.instruments import InstrumentsSection
    from clinic_app.ui.screens.admin.languages import LanguagesSection
    from clinic_app.ui.screens.admin.learning.view import LearningSection
    from clinic_app.ui.screens.admin.models import ModelsSection
    from clinic_app.ui.screens.admin.retention.view import RetentionSection
    from clinic_app.ui.screens.admin.users.view import UsersSection

    made: dict[str, Callable[[Workspace, Jobs], Section]] = {
        "users": UsersSection,
        "devices": DevicesSection,
        "instruments": InstrumentsSection,
        "languages": LanguagesSection,
        "models": ModelsSection,
        "learning": LearningSection,
        "backup": BackupSection,
        "retention": RetentionSection,
        "erasures": ErasuresSection,
        "audit": AuditSection,
    }
    return made[name](workspace, jobs)
