"""One person's records in files: complete, valid FHIR, and nobody else's."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentText, Purpose, consent_text
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role
from clinic_app.domain.questionnaires import INSTRUMENTS, AnsweredBy, InstrumentName
from clinic_app.domain.studio import StudioSource
from clinic_app.services.studio_data import StudioContent, TransferWish
from clinic_app.services.subject import ABOUT_OTHERS
from clinic_app.ui.consent_words import words_shown
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.reading import reading
from tests.fakes.studio import shaded
from tests.unit.services.export.files import bundle, export, kinds
from tests.unit.services.fhir_rules import check_bundle


def test_a_folder_and_a_zip_hold_the_same_kinds_of_files(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    folder = export(clinic, patient, tmp_path / "out")
    zipped = export(clinic, patient, tmp_path / "out.zip")
    assert folder.keys() == zipped.keys()
    assert sum(name.startswith("reports/") for name in folder) == 2
    assert sum(name.startswith("images/") for name in folder) == 2
    listed = json.loads(folder["files.json"])["sha256"]
    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in folder.items()
        if name != "files.json"
    }
    assert {path.name for path in tmp_path.iterdir()} == {"out", "out.zip"}
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0


def test_a_report_in_an_export_is_named_by_the_day_that_stands_on_it(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    with clinic.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone="Pacific/Kiritimati"))
        work.commit()
    clinic.clock.moment = clinic.clock.moment.replace(hour=12)  # two in the morning there
    person = clinic.add_patient()
    draft = clinic.services.screenings.record_questionnaire(
        person.id, InstrumentName.GAD7, (1,) * 7, AnsweredBy.PATIENT
    )
    clinic.services.screenings.finish(draft.id)
    files = export(clinic, person, tmp_path / "out.zip")
    (name,) = (one for one in files if one.startswith("reports/"))
    assert name.startswith("reports/screening-2026-03-03-")


def test_the_bundle_is_sound_fhir_and_names_nothing_outside_itself(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    files = export(clinic, patient, tmp_path / "out.zip")
    check_bundle(bundle(files), files)
    found = {entry["resource"]["resourceType"] for entry in bundle(files)["entry"]}
    assert found == {
        *("Organization", "Practitioner", "Patient", "Consent", "QuestionnaireResponse"),
        *("Observation", "Appointment", "Task", "Procedure", "DocumentReference", "Flag"),
        *("AdverseEvent", "Communication"),
    }


def test_of_a_note_that_was_signed_twice_both_texts_are_handed_out(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    note = clinic.services.notes.write(patient.id, "Sleeps better.")
    signed = clinic.services.notes.sign(note.id, PASSWORD)
    clinic.store.tables.signed_beside = {note.id: (replace(signed, text="Sleeps worse."),)}
    files = export(clinic, patient, tmp_path / "out.zip")
    check_bundle(bundle(files), files)
    attached = [one["content"][0]["attachment"] for one in kinds(files, "DocumentReference")]
    words = {base64.b64decode(one["data"]).decode() for one in attached if "data" in one}
    assert {"Sleeps better.", "Sleeps worse."} <= words


def test_the_estimate_is_an_observation_with_its_caveat_and_never_a_score(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    files = export(clinic, patient, tmp_path / "out.zip")
    observed = kinds(files, "Observation")
    (estimate,) = [one for one in observed if "estimated" in one["code"]["text"]]
    assert "not a diagnosis" in estimate["note"][0]["text"]
    assert estimate["valueCodeableConcept"]["text"].startswith("visible depressive affect: ")
    assert "coding" not in estimate["code"]
    assert "Interval" in estimate["component"][1]["code"]["text"]
    text = files["fhir/bundle.json"].decode().lower()
    for banned in ("risk score", "diagnosed", "is depressed"):
        assert banned not in text


def test_a_missing_ninth_answer_gives_a_phq8_and_no_phq9(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    files = export(clinic, patient, tmp_path / "out.zip")
    totals = {
        one["code"]["text"]: one
        for one in kinds(files, "Observation")
        if "total score" in one["code"]["text"]
    }
    phq8 = totals["PHQ-8 total score (0 to 24)"]
    assert phq8["valueInteger"] == 10
    assert "coding" not in phq8["code"]
    assert "Item 9" in phq8["note"][0]["text"]
    gad7 = totals["GAD-7 total score (0 to 21)"]
    assert (gad7["valueInteger"], gad7["code"]["coding"][0]["code"]) == (8, "70274-6")
    sheets = {one["questionnaire"]: one for one in kinds(files, "QuestionnaireResponse")}
    items = sheets["http://loinc.org/q/44249-1"]["item"]
    assert [item["text"] for item in items] == list(INSTRUMENTS[InstrumentName.PHQ9].items)
    assert "answer" not in items[8]


def test_consents_tell_which_answer_is_in_force(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    files = export(clinic, patient, tmp_path / "out.zip")
    sharing = [
        (one["status"], one["provision"]["type"])
        for one in kinds(files, "Consent")
        if one["provision"]["code"][0]["text"].startswith("Sharing")
    ]
    assert sharing == [("inactive", "permit"), ("rejected", "deny")]


def test_the_export_has_the_very_words_that_the_person_was_shown(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    words, forgotten = words_shown(Purpose.SHARING, "en"), ConsentText("hi", "0" * 64)
    known = consent_text("en", words)
    clinic.services.consents.record(
        patient.id,
        {Purpose.SHARING: True, Purpose.TRAINING_REUSE: True},
        shown={Purpose.SHARING: known, Purpose.TRAINING_REUSE: forgotten},
    )
    consents = kinds(export(clinic, patient, tmp_path / "out.zip"), "Consent")
    by_title = {one["sourceAttachment"]["title"]: one["sourceAttachment"] for one in consents}
    assert "The wording that was shown is not recorded." in by_title
    found = by_title[f"The wording that was shown, SHA-256 {known.sha256}"]
    assert found["language"] == "en"
    assert base64.b64decode(found["data"]).decode() == words
    assert "data" not in by_title[f"The wording that was shown, SHA-256 {forgotten.sha256}"]


def test_the_access_log_names_who_did_what_and_no_formula(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    with clinic.store.unit_of_work() as work:
        work.audit.record(AuditKind.READ, None, "patient", patient.id, "=1+1")
        work.commit()
    files = export(clinic, patient, tmp_path / "out.zip")
    rows = list(csv.DictReader(io.StringIO(files["access-log.csv"].decode("utf-8-sig"))))
    numbers = [int(row["number"]) for row in rows]
    assert numbers == sorted(numbers)
    assert {"created", "signed", "exported"} <= {row["action"] for row in rows}
    assert {row["by"] for row in rows} == {"Amina Diallo", ""}
    assert "'=1+1" in {row["detail"] for row in rows}


def test_an_estimate_that_nobody_was_shown_is_not_in_the_export(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    draft = clinic.services.screenings.start(patient.id)
    clinic.services.screenings.attach(draft.id, reading())
    records = json.loads(export(clinic, patient, tmp_path / "out.zip")["records.json"])
    (exported,) = records["drafts"]
    assert (exported["id"], exported["finding"]) == (str(draft.id), None)


def test_a_persons_merged_records_are_exported_together(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    from clinic_app.domain.merges import MergeEvent, MergeEventKind

    double = clinic.add_patient("Okafor", "C.")
    user = clinic.services.session.user.id
    with clinic.store.unit_of_work() as work:
        merged = MergeEventKind.MERGED
        work.merges.add(MergeEvent(new_id(), merged, double.id, patient.id, clinic.clock(), user))
        work.commit()
    files = export(clinic, replace(patient, id=double.id), tmp_path / "out.zip")
    check_bundle(bundle(files), files)
    people = {one["id"]: one["active"] for one in kinds(files, "Patient")}
    assert people == {str(patient.id): True, str(double.id): False}


def test_unsigned_notes_of_colleagues_are_counted_and_not_told(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    """The notes page hides their words from everybody else; so does an export."""
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    theirs = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    author = theirs.session.user
    theirs.notes.write(patient.id, "Only a suspicion so far")
    theirs.notes.discard(theirs.notes.write(patient.id, "A rash thought").id)
    signed = theirs.notes.write(patient.id, "Signed by a colleague")
    theirs.notes.sign(signed.id, COLLEAGUE_PASSWORD)
    clinic.sign_in()
    assert clinic.services.exports.plan(patient.id).notes == 3
    files = export(clinic, patient, tmp_path / "out.zip")
    records = json.loads(files["records.json"])
    told = {one["text"] for one in records["notes"]}
    assert {"Signed by a colleague", "Called the next day."} <= told
    assert records["unsigned"] == {str(author.id): 2}
    for words in ("Only a suspicion so far", "A rash thought"):
        plain, coded = words.encode(), base64.b64encode(words.encode())
        assert not any(plain in content or coded in content for content in files.values())
    line = f"Left out, because not signed: 2 notes by {author.display_name}"
    assert line in files["README.txt"].decode()


def test_feedback_incidents_and_handovers_are_in_it_without_other_people(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    files = export(clinic, patient, tmp_path / "out.zip")
    records = json.loads(files["records.json"])
    assert [one["text"] for one in records["ratings"]] == ["Kind people"]
    assert [one["text"] for one in records["agreements"]] == ["Not the sleep part"]
    assert [one["text"] for one in records["incidents"]] == ["A form was lost"]
    assert {one["text"] for one in records["handovers"]} == {"Please call Chidi", ABOUT_OTHERS}
    forms = {
        one["questionnaire"]: [part["answer"] for part in one["item"]]
        for one in kinds(files, "QuestionnaireResponse")
        if one["questionnaire"].startswith("urn:clinic-app:")
    }
    assert forms["urn:clinic-app:form:service-rating"][0] == [{"valueInteger": 4}]
    assert forms["urn:clinic-app:form:result-agreement"][0] == [{"valueString": "partly"}]
    (event,) = kinds(files, "AdverseEvent")
    assert event["event"]["text"].startswith("A form was lost\n")
    assert "closed: Found again" in event["event"]["text"]
    assert len(kinds(files, "Communication")) == 2
    for name in ("records.json", "fhir/bundle.json"):
        for word in (b"Quimby", b"Nobody's"):
            assert word not in files[name]


def test_what_the_studio_keeps_of_the_person_is_listed_without_its_pictures(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    studio = clinic.services.studio
    assert "style studio" not in export(clinic, patient, tmp_path / "before")["README.txt"].decode()
    clinic.services.consents.record(patient.id, {Purpose.STUDIO: True})
    (one,) = studio.pictures_of(patient.id)
    content, drawn = studio.picture_of(one.screening_id), shaded(200)
    kept = studio.keep(content, drawn, "Harbour", "ink", also_of_patient=True)
    studio.keep(StudioContent(drawn, StudioSource.WEBCAM), drawn, "Nobody", "ink")
    studio.transfer(content, drawn, TransferWish(), "brush")
    files = export(clinic, patient, tmp_path / "out")
    told = json.loads(files["records.json"])
    assert [entry["id"] for entry in told["studio_pictures"]] == [str(kept.id)]
    assert told["studio_pictures"][0]["title"] == "Harbour"
    assert [entry["style_name"] for entry in told["begun_transfers"]] == ["brush"]
    assert "1 made from a picture of this person, 1 unfinished" in files["README.txt"].decode()
    assert sum(name.endswith(".png") for name in files) == 2
