"""Clinics that learn together through a real central server: its box, and who may do what there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites_data import SitesTrouble
from clinic_app.sync.centre import CentreRefused, SyncTrouble
from clinic_app.sync.mysql.connection import Connection, Login
from clinic_app.sync.mysql.grants import Account, new_password
from clinic_app.sync.mysql.sites import SitesTable, make_site_account, make_sites_database
from clinic_app.sync.sites.messages import STOP, Row, sealed
from tests.support.central import Server
from tests.support.sites import Clinics, assert_pooled
from tests.support.sql import fresh_database


@dataclass
class Meeting:
    """The group's database; every visit of a clinic is a connection with its own account."""

    server: Server
    database: str = field(default_factory=fresh_database)
    logins: dict[int, Login] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.admin = Connection(self.server.host, self.server.admin, None)
        make_sites_database(self.admin, self.database)

    def visit(self, place: int) -> Connection:
        if place not in self.logins:
            name, password = f"{self.database[-20:]}_{place}", new_password()
            make_site_account(self.admin, self.database, place, Account(name), password)
            self.logins[place] = Login(name, password, self.server.admin.authority)
        return Connection(self.server.host, self.logins[place], self.database)


@pytest.fixture
def meeting(central: Server) -> Iterator[Meeting]:
    made = Meeting(central)
    yield made
    made.admin.close()


def test_the_fit_that_went_through_the_centre_is_the_pooled_fit(meeting: Meeting) -> None:
    clinics = Clinics.made_up()
    for place, own in enumerate(clinics.own):
        line = meeting.visit(place)
        clinics.part(place, SitesTable(line)).agree(own, range(3))
        line.close()
    states: dict[int, RoundState] = {}
    visits = 0
    while set(states.values()) != {RoundState.FINISHED}:
        place = visits % 3
        line = meeting.visit(place)  # one clinic after another, never two at once
        ended = clinics.part(place, SitesTable(line)).advance(clinics.own[place])
        states[place] = ended.state
        if ended.fit is not None:
            assert_pooled(ended.fit, clinics.own)
        line.close()
        visits += 1
    line = meeting.visit(0)
    box = SitesTable(line)
    assert box.rounds() == [clinics.round]
    bodies = [row.body for row in box.read(clinics.round)]
    line.close()
    for own in clinics.own:
        whole = own.cases.x.sum(axis=0).tobytes()
        assert not any(own.base.encode() in body or whole[:16] in body for body in bodies)
        assert not any(one.bytes in body for one in own.ids[:5] for body in bodies)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE site_message SET body = ''",
        "DELETE FROM site_message",
        "REPLACE INTO site_message SELECT * FROM site_message",
        "INSERT INTO site_message (round_id, site, number, body) VALUES ('', 1, 1, '')",
        "INSERT INTO site_push (round_id, site, number, body) SELECT round_id, site, number, ''"
        " FROM site_message ON DUPLICATE KEY UPDATE body = ''",
        "UPDATE site_push SET body = ''",
        "SELECT * FROM site_account",
        "INSERT INTO site_account (site, account) VALUES (7, 'me')",
        "TRUNCATE TABLE site_message",
        "DROP TABLE site_message",
        "DROP VIEW site_push",
        "ALTER TABLE site_message ADD COLUMN x INT",
        "CREATE TABLE mine (x INT)",
        "SELECT user FROM mysql.user",
    ],
)
def test_an_account_of_the_group_reads_and_adds_and_does_nothing_else(
    meeting: Meeting, statement: str
) -> None:
    clinics, line = Clinics.made_up(people=200), meeting.visit(0)
    box = SitesTable(line)
    clinics.part(0, box).agree(clinics.own[0], range(3))
    before = box.read(clinics.round)
    with pytest.raises(SyncTrouble) as refusal:
        line.run(statement)
    assert isinstance(refusal.value, CentreRefused), refusal.value
    assert box.read(clinics.round) == before
    line.close()


def test_nobody_writes_in_another_clinics_name(meeting: Meeting) -> None:
    clinics, line = Clinics.made_up(people=200), meeting.visit(0)
    box, row = SitesTable(line), Row(new_id(), 1, STOP, b"noise")
    meeting.visit(1).close()
    with pytest.raises(CentreRefused, match="no such message"):
        box.post(row)
    box.post(replace(row, site=0))
    assert [one.site for one in box.read(row.round)] == [0]
    assert box.holding(0, STOP) == {row.round}
    assert box.holding(1, STOP) == frozenset()
    assert clinics.round not in box.rounds()
    line.close()


def test_a_message_stays_as_it_was_first_received(meeting: Meeting) -> None:
    """The same one may come again, after a lost acknowledgement; another one is told of."""
    clinics, line = Clinics.made_up(people=200), meeting.visit(0)
    box = SitesTable(line)
    first = sealed(clinics.joined(0), clinics.keys[0], Row(clinics.round, 0, STOP, b""))
    box.post(first)
    (received,) = (one.received for one in box.read(clinics.round))
    assert received is not None
    assert abs(datetime.now(UTC) - received) < timedelta(minutes=30), "in UTC, whatever the zone"
    box.post(first)
    assert [one.received for one in box.read(clinics.round)] == [received]
    with pytest.raises(SitesTrouble, match="somebody else has its key"):
        box.post(replace(first, body=b"other"))
    assert box.read(clinics.round) == [first]
    line.close()


def test_a_group_has_a_database_of_its_own(meeting: Meeting) -> None:
    with pytest.raises(WrongState, match="one of its own"):
        make_sites_database(meeting.admin, meeting.database)
