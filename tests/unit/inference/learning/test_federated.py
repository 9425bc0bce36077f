"""Sites share masked sums alone, and the head is that of all their cases together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from clinic_app.domain.local_head import CASES_PER_PARAMETER
from clinic_app.inference.learning.federated import (
    MOST_STEPS,
    PEOPLE_PER_BAND,
    PEOPLE_PER_NUMBER,
    SHARED,
    SMALLEST_BAND,
    STANDING_OUT,
    Asked,
    Counts,
    Course,
    SitesFit,
    check_others,
    counts_of,
    length,
    shared,
    unshared,
)
from clinic_app.inference.learning.fitting import Cases
from clinic_app.inference.learning.masks import LARGEST, OutOfRange, masked, unmasked
from clinic_app.inference.learning.ordinal import base_rates, residuals, sums
from clinic_app.inference.metrics import FloatArray
from clinic_app.services.sites_data import (
    FEWEST_SITES,
    SMALLEST_SITE,
    SingledOut,
    SiteTooSmall,
)
from tests.support.sites import pooled
from tests.unit.inference.learning.made_up import clinic

SIZE = 12


def sites(count: int = 4, people: int = 280) -> list[Cases]:
    """Sites that differ in whom they see, one of them without anybody in the top band."""
    made = [clinic(seed, people=people, size=SIZE).cases for seed in range(count)]
    made[-1] = made[-1].part(np.flatnonzero(made[-1].bands < 3))
    return made


def secrets_of(own: int, count: int) -> dict[int, bytes]:
    """What a site shares with each of the others."""
    return {
        other: hashlib.sha256(f"{sorted((own, other))}".encode()).digest()
        for other in range(count)
        if other != own
    }


def sent(parts: Sequence[Cases], course: Course) -> list[bytes]:
    """What all sites send in the next step."""
    return [
        masked(course.contribution(one), place, secrets_of(place, len(parts)), course.steps)
        for place, one in enumerate(parts)
    ]


def total(parts: Sequence[Cases], course: Course) -> FloatArray:
    return unmasked(sent(parts, course), length(course.steps, SIZE))


def fitted(parts: Sequence[Cases]) -> tuple[SitesFit, list[FloatArray]]:
    """The head, and the sums of all steps."""
    course, totals = Course(SIZE), []
    while not isinstance(course.asked, SitesFit):
        totals.append(total(parts, course))
        course.add(totals[-1])
    return course.asked, totals


def test_the_head_of_the_masked_sums_is_that_of_the_pooled_cases() -> None:
    parts = sites()
    found, totals = fitted(parts)
    cuts, weights = pooled(parts, found.penalty)
    assert found.weights == pytest.approx(weights, abs=1e-6)
    assert found.cuts == pytest.approx(cuts, abs=1e-6)
    assert found.cases == sum(map(len, parts))
    assert np.abs(found.weights).max() > 0.1  # there is something to be equal
    assert len(totals) < 20


def test_the_penalty_keeps_the_rule_of_cases_for_each_weight() -> None:
    found, _ = fitted(sites())
    assert found.effective >= CASES_PER_PARAMETER * found.freedom * (1 - 1e-6)


def test_every_site_comes_to_the_same_head_by_itself() -> None:
    parts = sites()
    first, totals = fitted(parts)
    course = Course(SIZE)
    for one in totals:
        course.add(one)
    again = course.asked
    assert isinstance(again, SitesFit)
    assert (again.cuts == first.cuts).all()
    assert (again.weights == first.weights).all()
    with pytest.raises(ValueError, match="come to its end"):
        course.contribution(parts[0])
    with pytest.raises(ValueError, match="come to its end"):
        course.add(totals[-1])


def test_two_hessians_of_one_site_would_give_every_embedding_away() -> None:
    """Why a site sends one Hessian, masked, of few numbers and only among many other people."""
    rng = np.random.default_rng(7)
    z, bands = rng.normal(size=(30, 40)), np.arange(30) % 4
    start = base_rates(np.bincount(bands), 40)
    later = start + np.concatenate((np.zeros(3), 0.1 * rng.normal(size=40)))
    one, other = (sums(z, bands, at).hessian for at in (start, later))
    assert one is not None
    assert other is not None
    span = np.linalg.eigh(one[3:, 3:])[1][:, -30:]
    small, bent = (span.T @ hessian[3:, 3:] @ span for hessian in (one, other))
    found = span @ np.linalg.inv(np.linalg.eig(np.linalg.solve(bent, small))[1].real).T
    likeness = np.abs((found / np.linalg.norm(found, axis=0)).T @ z.T) / np.linalg.norm(z, axis=1)
    assert likeness.max(axis=0).min() > 0.9999


def test_whole_embeddings_are_shared_as_few_numbers_and_a_head_reads_them_whole() -> None:
    rng = np.random.default_rng(1)
    x, weights = rng.normal(size=(50, 512)), rng.normal(size=SHARED)
    few = shared(x)
    assert few.shape == (50, SHARED)
    assert few @ weights == pytest.approx(x @ unshared(weights, 512), rel=1e-9)
    lengths = np.linalg.norm(few, axis=1) / np.linalg.norm(x, axis=1)
    assert lengths.mean() == pytest.approx(1.0, abs=0.1)  # (Achlioptas 2003)
    signs = np.packbits(shared(np.eye(512)) > 0).tobytes()
    assert hashlib.sha256(signs).hexdigest()[:8] == "589e000f"  # the same on every machine


def test_what_all_sites_send_is_fewer_numbers_than_half_of_what_it_is_about() -> None:
    for size in (SIZE, SHARED):
        most = length(0, size) + length(1, size) + MOST_STEPS * length(2, size)
        assert 2 * most <= PEOPLE_PER_NUMBER * size * size


def site(people: int, *by_band: int) -> Counts:
    return Counts(people, by_band or (people // 4,) * 4)


def test_without_whichever_site_the_others_are_many_people() -> None:
    enough = {place: site(320) for place in range(3)}
    check_others(enough, SHARED)
    for told in (
        {0: site(600), 1: site(20), 2: site(20)},  # both small ones would see 620 others
        {**enough, 2: site(315)},
    ):
        with pytest.raises(SiteTooSmall, match=f"{PEOPLE_PER_NUMBER * SHARED} people"):
            check_others(told, SHARED)
    rare = {place: site(640, 300, 200, 100, 40) for place in range(3)}
    with pytest.raises(SiteTooSmall, match=f"{PEOPLE_PER_BAND} people in a band"):
        check_others(rare, SHARED)


def test_people_are_counted_and_not_their_cases() -> None:
    made = clinic(3, people=400, size=SIZE).cases
    forty = Cases(made.x, made.bands, made.people % 40)
    assert counts_of(forty).people == 40
    assert max(counts_of(forty).by_band) <= 40
    assert counts_of(made.part(np.arange(83))).people == 80


def led(course: Course, place: FloatArray) -> Course:
    """What a member that lies about its sums can lead the others to."""
    assert isinstance(course.asked, Asked)
    course.asked = Asked(course.asked.standard, place)
    course._places.append(place)
    return course


def test_nobody_answers_at_a_place_where_one_person_stands_out() -> None:
    """A member knows one picture and asks for two gradients, with all thresholds just below and
    just above that person: their difference would be the embedding, and its band."""
    parts = sites()
    for scale in (1e4, 50.0, 15.0, 10.0):
        course = Course(SIZE)
        course.add(total(parts, course))
        with pytest.raises(SingledOut):
            asked_around_one_person(course, parts[0], scale)


def asked_around_one_person(course: Course, site: Cases, scale: float) -> None:
    assert isinstance(course.asked, Asked)
    assert course.asked.standard is not None
    z = course.asked.standard.of(site.x)
    person = z[np.argmax(np.linalg.norm(z, axis=1))]
    weights = scale * person / (person @ person)
    for beside in (-1e-3, 1e-3):
        cuts = scale * (1.0 + beside) + np.array([0.0, 1e-6, 2e-6])
        led(course, np.concatenate((cuts, weights))).contribution(site)


@pytest.mark.parametrize("pictures", [1, 2, 8])
def test_a_mixture_of_gradients_in_which_one_person_outweighs_all_others_is_not_given(
    pictures: int,
) -> None:
    """One place may be within the limits; what counts is all that was asked for so far. Nobody
    hides among pictures of his own: each of eight weighs an eighth."""
    parts = sites()
    furthest = int(np.argmax(np.linalg.norm(parts[0].x - parts[0].x.mean(axis=0), axis=1)))
    parts[0] = photographed(parts[0], furthest, pictures)
    course = Course(SIZE)
    course.add(total(parts, course))
    assert isinstance(course.asked, Asked)
    assert course.asked.standard is not None
    z = course.asked.standard.of(parts[0].x)
    person = z[furthest]
    weights, cuts = 12.0 * person / (person @ person), np.array([0.0, 1e-6, 2e-6])
    led(course, np.concatenate((11.9 + cuts, weights)))
    assert course.contribution(parts[0]).shape == (3 + SIZE,)
    led(course, np.concatenate((12.1 + cuts, weights)))
    with pytest.raises(SingledOut):
        course.contribution(parts[0])
    seen = np.column_stack([residuals(z, parts[0].bands, one) for one in course._places])
    basis = np.linalg.svd(seen, full_matrices=False)[0]
    assert (basis**2).sum(axis=1).max() > STANDING_OUT / pictures


def photographed(site: Cases, case: int, pictures: int) -> Cases:
    """The site after the person of a case had so many pictures in all, hardly different."""
    rng = np.random.default_rng(5)
    more = np.repeat(case, pictures - 1)
    near = site.x[more] + rng.normal(0.0, 1e-3, (pictures - 1, SIZE))
    return Cases(
        np.vstack([site.x, near]),
        np.append(site.bands, site.bands[more]),
        np.append(site.people, site.people[more]),
    )


def test_a_band_of_hardly_anybody_is_not_weighed() -> None:
    first, *others = sites(4, 600)
    rare = np.append(np.flatnonzero(first.bands < 3), np.flatnonzero(first.bands == 3)[:6])
    whole = [first.part(rare), *(one.part(np.flatnonzero(one.bands < 3)) for one in others)]
    course = Course(SIZE)
    course.add(np.sum([course.contribution(one) for one in whole], axis=0))
    counts = course._counts
    assert counts.min() < SMALLEST_BAND * counts.sum()
    with pytest.raises(SingledOut):
        course.contribution(whole[0])


def test_a_site_with_few_people_or_few_in_a_band_sends_nothing() -> None:
    with pytest.raises(SiteTooSmall, match="people"):
        Course(SIZE).contribution(clinic(1, people=SMALLEST_SITE - 1, size=SIZE).cases)
    whole = sites()[0]
    top = np.flatnonzero(whole.bands == 3)[:2]
    rare = whole.part(np.sort(np.append(np.flatnonzero(whole.bands < 3), top)))
    with pytest.raises(SiteTooSmall, match="band"):
        Course(SIZE).contribution(rare)


def test_one_masked_message_is_noise_and_the_sum_is_exact() -> None:
    count = FEWEST_SITES
    vectors = [np.array([0.25, -3.5, 1e6, float(place)]) for place in range(count)]
    parts = [masked(one, place, secrets_of(place, count), 1) for place, one in enumerate(vectors)]
    assert unmasked(parts, 4).tolist() == np.sum(vectors, axis=0).tolist()
    bare = masked(vectors[0], 0, {}, 1)
    assert all(parts[0][at : at + 8] != bare[at : at + 8] for at in range(0, 32, 8))
    other_step = masked(vectors[0], 0, secrets_of(0, count), 2)
    assert all(parts[0][at : at + 8] != other_step[at : at + 8] for at in range(0, 32, 8))


def test_masked_bytes_look_alike_whatever_they_hide() -> None:
    hidden = masked(np.zeros(4096), 0, secrets_of(0, 3), 0)
    seen = np.bincount(np.frombuffer(hidden, dtype=np.uint8), minlength=256)
    assert ((seen - 128.0) ** 2 / 128.0).sum() < 400  # chi squared, 255 degrees of freedom


def test_sums_without_one_of_the_sites_are_no_sums() -> None:
    parts = sites()
    with pytest.raises(OutOfRange, match="do not fit"):
        unmasked(sent(parts, Course(SIZE))[:-1], length(0, SIZE))
    with pytest.raises(OutOfRange, match="another number"):
        unmasked([b"12345678", b"1234"], 1)


@pytest.mark.parametrize("wrong", [LARGEST / 2, float("inf"), float("nan")])
def test_what_no_sum_can_be_is_not_masked(wrong: float) -> None:
    with pytest.raises(OutOfRange, match="too large"):
        masked(np.array([1.0, wrong]), 0, secrets_of(0, 3), 0)


def test_a_band_that_is_missing_everywhere_ends_the_fit() -> None:
    parts = [one.part(np.flatnonzero(one.bands < 3)) for one in sites()]
    course = Course(SIZE)
    with pytest.raises(ValueError, match="Every band"):
        course.add(total(parts, course))
