"""The head that a round with other clinics ends with, as this clinic keeps it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic_app.domain.adjudication import reader_table
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import Agreement, SiteGroup
from clinic_app.domain.kappa import kappa_between
from clinic_app.domain.local_head import LocalHead
from clinic_app.services.sites_cases import PURPOSES
from clinic_app.services.sites_data import RoundSeen
from clinic_app.services.sites_rows import names
from clinic_app.services.storage import UnitOfWork


def joint_head(
    work: UnitOfWork,
    group: SiteGroup,
    agreement: Agreement,
    seen: RoundSeen,
    by: UUID,
    at: datetime,
) -> LocalHead:
    """``cases`` and ``people`` are this clinic's own, everything else is of all clinics together.

    Nothing was left out of the fit, so that there are no figures of left-out folds, and the slope
    is the ridge's own.
    """
    found = seen.fit
    if found is None:
        raise WrongState("This round has not ended yet.")
    agreed = work.face_cases.consenting(*PURPOSES)
    owners = {one.screening_id: one.patient_id for one in work.face_cases.all()}
    read = (one for one in work.adjudications.all() if owners.get(one.screening_id) in agreed)
    return LocalHead(
        id=new_id(),
        number=max((one.number for one in work.heads.all()), default=0) + 1,
        base=agreement.base,
        fitted_at=at,
        fitted_by=by,
        cuts=found.cuts,
        weights=found.weights,
        cases=agreement.cases,
        people=len(agreement.people),
        people_by_band=found.people_by_band,
        effective_cases=found.effective_cases,
        effective_weights=found.effective_weights,
        penalty=found.penalty,
        slope=1.0,
        out_of_fold_kappa=None,
        out_of_fold_loss=None,
        reader_kappa=kappa_between(reader_table(read)),
        sites=names(group, agreement.sites),
        all_cases=found.cases,
        round_id=seen.id,
    )
