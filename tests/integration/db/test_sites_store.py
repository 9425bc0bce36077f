"""Learning with other clinics in the encrypted store: what travels, and what stays here."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from clinic_app.db.oplog import fold_anew
from clinic_app.db.repositories.learning import SiteDesk
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import (
    Agreement,
    SiteEvent,
    SiteEventKind,
    SiteGroup,
    SiteMember,
    fold_joint,
)
from clinic_app.services.sites_data import Sent
from tests.integration.db.records import NOON, Clinic

GROUP = SiteGroup(
    UUID(int=5), "Towns", tuple(SiteMember(one, one.encode() * 32) for one in ("N", "S", "E"))
)


def event(clinic: Clinic, kind: SiteEventKind, **fields: object) -> SiteEvent:
    return replace(SiteEvent(new_id(), kind, NOON, clinic.user.id), **fields)  # type: ignore[arg-type]


def test_group_agreement_and_end_come_back_as_they_were_and_are_rebuilt(clinic: Clinic) -> None:
    round_id, cases = new_id(), (new_id(), new_id())
    agreement = Agreement(GROUP.id, (0, 1, 2), "severity 1", cases, (new_id(),))
    told = [
        event(clinic, SiteEventKind.GROUP, group=GROUP),
        event(
            clinic, SiteEventKind.AGREED, round_id=round_id, text="For all.", agreement=agreement
        ),
        event(clinic, SiteEventKind.ENDED, round_id=round_id, head_id=new_id()),
    ]
    with clinic.store.unit_of_work() as work:
        assert not work.site_events.in_group()
        for one in reversed(told):
            assert not work.site_events.in_group()
            work.site_events.add(one)
        assert work.site_events.in_group()
        work.commit()
    with clinic.encrypted.transaction() as db:
        fold_anew(db)
        db.commit()
    with clinic.reopen().unit_of_work() as work:
        assert work.site_events.all() == told[::-1]
    found = fold_joint(told)
    assert found.group(GROUP.id) == GROUP
    assert found.round(round_id).agreement == agreement
    assert found.under_way is None


def test_secrets_and_messages_stay_here_and_a_restored_store_knows_no_open_round(
    clinic: Clinic,
) -> None:
    waiting = clinic.store.pending_operations()
    round_id, message = new_id(), Sent(b"past", b"sealed")
    with clinic.store.unit_of_work() as work:
        work.site_desk.put_own("key", b"first")
        work.site_desk.put_own("key", b"second")
        work.site_desk.begin(round_id, b"secret")
        work.site_desk.keep(round_id, 0, message)
        work.site_desk.keep(round_id, 1, message)
        work.commit()
    assert clinic.store.pending_operations() == waiting
    with clinic.reopen().unit_of_work() as work:
        desk = work.site_desk
        assert (desk.own("key"), desk.own("group")) == (b"second", None)
        assert (desk.secret(round_id), desk.secret(new_id())) == (b"secret", None)
        assert (desk.sent(round_id, 1), desk.sent(round_id, 2)) == (message, None)
        assert desk.numbers(round_id) == (0, 1)
    with clinic.encrypted.transaction() as db:
        elsewhere = SiteDesk(db, clinic.encrypted.workstation.epoch + 1)
        assert elsewhere.secret(round_id) is None
        assert elsewhere.numbers(round_id) == (0, 1)
    with clinic.store.unit_of_work() as work:
        work.site_desk.forget(round_id)
        work.commit()
        assert work.site_desk.secret(round_id) is None
