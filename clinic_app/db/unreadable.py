"""What reading a body that no honest program writes may raise."""

from __future__ import annotations

import struct

from clinic_app.domain.errors import InvalidInput

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
    InvalidInput,
)
"""Such an operation stays in the log and shows nothing. ``InvalidInput`` is what the rules of the
domain say of it: of answers, say, that are too few for their questionnaire."""
