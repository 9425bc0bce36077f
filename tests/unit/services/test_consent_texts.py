"""A consent can be proven: the record names the words, and the words can be found again."""

from __future__ import annotations

import pytest

from clinic_app.domain.consent import ConsentEvent, Purpose, consent_text
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.services.consent_texts import PURPOSE_MEANINGS, words_of, words_shown
from clinic_app.services.translations import languages
from clinic_app.ui.consent_words import asked_text, shown_now
from tests.fakes.clinic import PASSWORD, FakeClinic

SHARING = Purpose.SHARING


def events(clinic: FakeClinic) -> list[ConsentEvent]:
    (patient_id,) = clinic.store.tables.patients
    return clinic.services.consents.history(patient_id)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("code", [one.code for one in languages()])
def test_every_wording_of_the_screens_is_in_the_register(code: str, purpose: Purpose) -> None:
    """Fails after a change of the words until tools/consent_texts.py has added them."""
    words = words_shown(purpose, code)
    assert words_of(consent_text(code, words)) == words


def test_another_letter_or_language_is_another_wording() -> None:
    texts = {consent_text("en", "Yes"), consent_text("en", "Yes."), consent_text("hi", "Yes")}
    assert len(texts) == 3
    assert words_of(consent_text("en", "Nobody was ever shown this")) is None


def test_a_record_keeps_what_was_shown_and_one_without_says_so(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=())
    clinic.services.consents.record(patient.id, {SHARING: True}, shown=shown_now())
    clinic.services.consents.record(patient.id, {SHARING: False})
    given, withdrawn = events(clinic)
    assert given.shown is not None
    assert given.shown.language == "en"
    assert PURPOSE_MEANINGS[SHARING] in (words_of(given.shown) or "")
    assert asked_text(given) == f"asked in English, wording {given.shown.sha256[:8]}"
    assert asked_text(withdrawn) == "wording not recorded"


def test_what_the_person_was_shown_in_patient_mode_is_kept(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=())
    clinic.services.session.hand_over(patient.id)
    clinic.services.patient_home.consent({SHARING: True}, shown_now())
    clinic.services.clinic.resume(PASSWORD)
    (given,) = events(clinic)
    assert given.shown == shown_now()[SHARING]


def test_a_wording_of_an_earlier_version_is_told_apart(clinic: FakeClinic) -> None:
    patient = clinic.add_patient(consent=())
    old = consent_text("hi", "words of an earlier version")
    clinic.services.consents.record(patient.id, {SHARING: True}, shown={SHARING: old})
    (given,) = events(clinic)
    assert "in a wording that is not used any more" in asked_text(given)


def test_records_from_before_it_was_kept_can_be_read(clinic: FakeClinic) -> None:
    clinic.add_patient(consent=(SHARING,))
    plain = to_plain(events(clinic)[0])
    del plain["shown"]
    assert from_plain(ConsentEvent, plain).shown is None
