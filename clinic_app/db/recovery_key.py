"""The recovery key: printed once, typed by hand, so it forgives what people do to printed keys.

30 symbols of Crockford's base 32 in six groups of five: 29 carry 145 random bits, the last is
Crockford's check symbol (the value modulo 37).
"""

from __future__ import annotations

import secrets

from clinic_app.domain.errors import WrongPassword

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS = 29
BITS = 5 * SYMBOLS
GROUP = 5
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CHECK_MODULUS = 37


def new_recovery_key() -> str:
    """A fresh key as it is printed, such as ``4T0SD-…``."""
    while True:
        value = secrets.randbits(BITS)
        check = value % _CHECK_MODULUS
        # Crockford's five extra check symbols (* ~ $ = U) are hard to dictate: draw again.
        if check < len(ALPHABET):
            break
    digits = [ALPHABET[value >> 5 * place & 31] for place in reversed(range(SYMBOLS))]
    text = "".join(digits) + ALPHABET[check]
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def recovery_secret(typed: str) -> bytes:
    """The secret in a typed key; case, spaces, dashes and O/0, I/L/1 do not matter.

    Raises ``WrongPassword`` when the key is incomplete or its check symbol does not fit.
    """
    text = "".join(c for c in typed.upper() if not c.isspace() and c not in "-‐‑–—_.")
    text = text.translate(_LOOK_ALIKE)
    if len(text) != SYMBOLS + 1 or any(symbol not in ALPHABET for symbol in text):
        raise WrongPassword(
            "This is not a complete recovery key: it has 30 letters and digits in six groups."
        )
    value = 0
    for symbol in text[:SYMBOLS]:
        value = value << 5 | ALPHABET.index(symbol)
    if ALPHABET[value % _CHECK_MODULUS : value % _CHECK_MODULUS + 1] != text[-1]:
        raise WrongPassword("The recovery key has a typing mistake. Please compare it again.")
    return value.to_bytes((BITS + 7) // 8, "big")
