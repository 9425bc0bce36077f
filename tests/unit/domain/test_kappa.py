"""Agreement of doctors and estimates, held against figures worked out by hand."""

from __future__ import annotations

import pytest

from clinic_app.domain.finding import Band
from clinic_app.domain.kappa import agreements, jackknife_interval, weighted_kappa
from clinic_app.domain.reviews import AgreementCount, Verdict
from clinic_app.domain.screening import ClinicianSeverity as Severity


def test_full_agreement_is_one_and_the_full_opposite_minus_one() -> None:
    assert weighted_kappa(((3, 0), (0, 4))) == 1
    assert weighted_kappa(((0, 3), (3, 0))) == -1


def test_what_chance_alone_gives_is_nought() -> None:
    assert weighted_kappa(((4, 4), (4, 4))) == pytest.approx(0)


def test_two_bands_apart_counts_four_times_as_much_as_one() -> None:
    # observed = 1*1 + 4*1 of 6; expected = sum of w * row * column / 36 = 66 / 36
    matrix = ((2, 0, 1), (1, 1, 0), (0, 0, 1))
    rows, columns = (3, 2, 1), (3, 1, 2)
    expected = sum((i - j) ** 2 * rows[i] * columns[j] for i in range(3) for j in range(3)) / 36
    assert weighted_kappa(matrix) == pytest.approx(1 - (5 / 6) / expected)


def test_everything_in_one_band_has_no_kappa() -> None:
    assert weighted_kappa(((5, 0), (0, 0))) is None
    assert weighted_kappa(((0, 0), (0, 0))) is None


def test_the_interval_holds_the_kappa_and_narrows_with_more_reviews() -> None:
    few = ((4, 1, 0, 0), (1, 3, 1, 0), (0, 1, 3, 1), (0, 0, 1, 2))
    many = tuple(tuple(10 * value for value in line) for line in few)
    kappa, narrow, wide = weighted_kappa(few), jackknife_interval(many), jackknife_interval(few)
    assert kappa is not None
    assert narrow is not None
    assert wide is not None
    assert wide[0] < narrow[0] < kappa < narrow[1] < wide[1] <= 1


def test_reviews_are_counted_by_model_version_and_cannot_tell_is_no_pair() -> None:
    counts = [
        AgreementCount("1.0", Verdict.AGREE, Severity.MILD, Band.MILD, 3),
        AgreementCount("1.0", Verdict.OVERRULE, Severity.SEVERE, Band.NONE, 1),
        AgreementCount("1.0", Verdict.OVERRULE, Severity.CANNOT_TELL, Band.MILD, 2),
        AgreementCount("1.0", Verdict.NO_ESTIMATE, Severity.MILD, None, 4),
        AgreementCount("0.9", Verdict.AGREE, Severity.NONE, Band.NONE, 1),
    ]
    old, new = agreements(counts)
    assert (old.model_version, old.paired, old.kappa) == ("0.9", 1, None)
    assert (new.reviews, new.agreed, new.overruled, new.no_estimate) == (10, 3, 3, 4)
    assert (new.paired, new.matrix[1][1], new.matrix[3][0]) == (4, 3, 1)
