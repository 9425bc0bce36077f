"""Adding up vectors of several sites so that nobody sees one of them alone.

Pairwise masks (Bonawitz et al., Practical Secure Aggregation, 2017, without recovery of sites that
drop out): every two sites share a secret, from which both make the same random numbers; one adds
them and the other takes them away. One vector alone is noise, and in the sum of all the noise is
gone, exactly, since it is arithmetic on whole numbers modulo 2^64. A step without every site gives
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.metrics import FloatArray

FRACTION_BITS = 40
"""Numbers are rounded to 2^-40, about 1e-12."""

LARGEST = 2.0**22
"""Sums lie in [-LARGEST, LARGEST], of one site and of all together."""

_LABEL = b"clinic-app sites mask 1\0"


class OutOfRange(ValueError):
    """A number is too large to be masked, or none at all."""


def masked(vector: FloatArray, own: int, secrets: Mapping[int, bytes], step: int) -> bytes:
    """A site's numbers of one step, hidden; 8 bytes each.

    ``own`` is the site's place among the sites, ``secrets`` what it shares with each of the others
    in this round, by their places (32 bytes). Raises ``OutOfRange``, also for a number of which the
    sum over so many sites might not fit.
    """
    if not (np.abs(vector) * (len(secrets) + 1) <= LARGEST).all():  # NaN is refused as well
        raise OutOfRange("The numbers are too large to be shared.")
    hidden = np.rint(np.ldexp(vector, FRACTION_BITS)).astype(np.int64).view(np.uint64)
    for other, secret in secrets.items():
        noise = _noise(secret, step, len(vector))
        hidden = hidden + noise if own < other else hidden - noise
    return hidden.astype("<u8").tobytes()


def unmasked(parts: Sequence[bytes], length: int) -> FloatArray:
    """The sum of what all sites sent in one step.

    Raises ``OutOfRange`` when one has another length, or when the sum cannot be one: a site is
    missing, or sent anything.
    """
    if any(len(one) != 8 * length for one in parts):
        raise OutOfRange("A site sent another number of sums than was asked for.")
    total = np.zeros(length, dtype=np.uint64)
    for one in parts:
        total = total + np.frombuffer(one, dtype="<u8")
    found = np.ldexp(total.view(np.int64).astype(np.float64), -FRACTION_BITS)
    if (np.abs(found) > LARGEST).any():
        raise OutOfRange("The sums of the sites do not fit together.")
    return found


def _noise(secret: bytes, step: int, length: int) -> NDArray[np.uint64]:
    """SHAKE-256 of secret and step: the same for both sites, new for every step."""
    stream = hashlib.shake_256(_LABEL + secret + step.to_bytes(4, "big")).digest(8 * length)
    return np.frombuffer(stream, dtype="<u8").astype(np.uint64)
