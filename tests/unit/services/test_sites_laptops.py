"""A clinic's group of others to learn with, and which of its laptops takes part."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.domain.errors import InvalidInput, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.sync.sites.messages import JOIN, STOP
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.support.sites import make_files
from tests.support.town import Town


def test_a_group_is_joined_with_the_code_that_another_clinic_reads_out(tmp_path: Path) -> None:
    town = Town(tmp_path, people=0)
    service = town.service(0)
    assert str(service.standing().against[0]).startswith("This clinic has not joined")
    with pytest.raises(WrongState, match="card first"):
        service.look_at_group(tmp_path / "none")
    with pytest.raises(WrongState, match="card first"):
        service.look()
    cards = [tmp_path / f"{place}.card" for place in range(3)]
    made = [town.service(place).save_card(card) for place, card in enumerate(cards)]
    assert service.save_card(tmp_path / "again.card") == made[0]
    mine, other, _ = make_files(cards, tmp_path)
    seen = service.look_at_group(mine)
    assert [(one.name, one.own) for one in seen.members] == [
        ("Clinic 1", True),
        ("Clinic 2", False),
        ("Clinic 3", False),
    ]
    assert [one.code for one in seen.members] == [one.code for one in made]
    with pytest.raises(InvalidInput, match="another clinic"):
        service.look_at_group(other)
    forged = json.loads(mine.read_bytes())
    forged["group"]["members"][1]["public_key"] = base64.b64encode(bytes(32)).decode()
    bad = tmp_path / "forged"
    bad.write_text(json.dumps(forged))
    with pytest.raises(InvalidInput, match="not the code"):
        service.join_group(bad, seen.code, PASSWORD)
    with pytest.raises(WrongPassword):
        service.join_group(mine, seen.code, "wrong")
    with pytest.raises(WrongState, match="not joined"):
        service.look()
    assert service.join_group(mine, seen.code, PASSWORD) == seen
    assert service.standing().group == seen
    for content in (b"", b"[]", mine.read_bytes()[:-9], b"x" * 2_000_000):
        bad.write_bytes(content)
        with pytest.raises(InvalidInput, match="not a file of a group"):
            service.look_at_group(bad)
    assert json.loads(cards[0].read_bytes()).keys() == {"format", "name", "public_key"}


def test_records_that_make_no_sense_show_nothing_and_stop_nobody(town: Town) -> None:
    """A colleague's laptop can write anything under its signature."""
    town.agree()
    one = town.clinics[0]
    told = one.store.tables.site_events[-1]
    assert told.agreement is not None
    lost = replace(told.agreement, sites=(-1, 1, 7))
    empty = replace(told, id=new_id(), round_id=new_id(), agreement=None)
    one.store.tables.site_events[-1:] = [replace(told, agreement=lost), empty]
    (row,) = town.service(0).standing().rounds
    assert (row.id, row.sites) == (told.round_id, ("Clinic 2",))
    town.service(0).stop(row.id, "It is broken.", PASSWORD)
    assert "under way" not in " ".join(map(str, town.service(0).standing().against))


def test_one_laptop_takes_part_and_the_others_of_its_clinic_see_what_it_did(town: Town) -> None:
    """Records travel, keys do not."""
    town.agree()
    town.go_on()
    one = town.clinics[0]
    tables = one.store.tables
    tables.site_own.clear()
    tables.site_rounds.clear()
    now = one.services.sites.standing()
    assert (now.card, now.group) == (None, None)
    assert "Another laptop" in str(now.against[0])
    assert now.rounds[0].state is RoundState.FINISHED
    for forbidden in (
        one.services.sites.look,
        one.services.sites.advance,
        lambda: one.services.sites.save_card(town.folder / "second.card"),
    ):
        with pytest.raises(WrongState, match="Another laptop"):
            forbidden()
    assert len(one.services.learning.state().rows) == 1


def second_laptop(town: Town, *, joins: bool) -> FakeClinic:
    """The first clinic's records on a laptop that wrote its card before the group of the other one
    came here, and, if so, joined another group then; the other's key stays on the other."""
    one = town.clinics[0]
    came = list(one.store.tables.site_events)
    one.store.tables.site_own.clear()
    one.store.tables.site_events.clear()
    cards = [town.folder / f"second {place}.card" for place in range(3)]
    for place, card in enumerate(cards):
        town.service(place).save_card(card)
    (town.folder / "second").mkdir()
    file = make_files(cards, town.folder / "second")[0]
    if joins:
        service = town.service(0)
        service.join_group(file, service.look_at_group(file).code, PASSWORD)
    one.store.tables.site_events[:0] = came
    return one


def test_a_second_laptop_with_a_card_joins_nothing_once_the_groups_record_came(
    town: Town,
) -> None:
    service = second_laptop(town, joins=False).services.sites
    file = town.folder / "second" / "0.group"
    with pytest.raises(WrongState, match="Another laptop"):
        service.join_group(file, service.look_at_group(file).code, PASSWORD)
    now = service.standing()
    assert now.elsewhere
    assert "Another laptop" in str(now.against[0])


def test_a_second_laptop_that_joined_before_it_knew_agrees_to_nothing(town: Town) -> None:
    service = second_laptop(town, joins=True).services.sites
    assert "Another laptop" in str(service.standing().against[0])
    with pytest.raises(WrongState, match="Another laptop"):
        service.agree(None, range(3), "We too.", PASSWORD)
    assert not town.box.rows


def test_a_second_laptop_leaves_the_round_of_the_first_alone(town: Town) -> None:
    town.agree()
    service = second_laptop(town, joins=True).services.sites
    with pytest.raises(WrongState, match="Another laptop"):
        service.advance()
    assert service.standing().rounds[0].state is RoundState.AGREEING
    assert STOP not in town.box.numbers()


def test_a_second_laptop_that_agreed_before_it_knew_stops_its_round(town: Town) -> None:
    store = town.clinics[0].store
    first = list(store.tables.site_events)
    second_laptop(town, joins=True)
    store.tables.site_events[:] = store.tables.site_events[len(first) :]
    row = town.service(0).agree(None, range(3), "We too.", PASSWORD)
    store.tables.site_events[:0] = first
    with pytest.raises(SitesTrouble, match="Another laptop"):
        town.service(0).advance()
    assert town.box.numbers() == {JOIN, STOP}
    (told,) = town.service(0).standing().rounds
    assert (told.id, told.state, told.sent) == (row.id, RoundState.STOPPED, False)
