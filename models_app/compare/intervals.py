"""The differences of test figures from the baseline's, with intervals: of the tables of predictions, then cached."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache

from common.messages import Message, _, gettext_noop
from evaluation.kinds import KINDS
from models_app.aws import s3_store
from models_app.compare.members import Member
from models_app.problems import Problem

LIFETIME = 7 * 86400  # seconds; a new evaluation has a new key
FUNCTION = "evaluation.comparison:compare"
NO_ROWS = gettext_noop(
    "Nothing says which answer is right, so there is nothing to compare row by row. Each figure is of the rows that "
    "its model's own page names."
)


@dataclass(frozen=True)
class Differences:
    """{figure: {index of a member: {"value", "low", "high"}}} from the baseline's.

    `other_rows` are the indices of those with other test rows than the baseline. `problem` says why there are none.
    """

    figures: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    other_rows: frozenset[int] = frozenset()
    problem: Message | str = ""


def differences_of(members: Sequence[Member], base: Member) -> Differences:
    """The differences of all `members` whose test figures can be compared with those of `base`."""
    compared = [member for member in members if member.kind and member.kind == base.kind]
    if base not in compared or len(compared) < 2:
        return Differences()
    if base.kind[0] in KINDS:
        return Differences(problem=_(NO_ROWS))
    key = _key(compared, base)
    document = cache.get(key)
    if document is None:
        try:
            document = _read(compared, compared.index(base))
        except Problem as problem:
            return Differences(problem=problem.message)
        cache.set(key, document, LIFETIME)
    indices = [member.index for member in compared]
    figures = {
        name: {index: one for index, one in zip(indices, each, strict=True) if one}
        for name, each in document["figures"].items()
    }
    other = frozenset(index for index, same in zip(indices, document["same"], strict=True) if not same)
    return Differences(figures, other)


def _read(compared: Sequence[Member], base: int) -> dict[str, Any]:
    uris = [member.evaluation.predictions_uri for member in compared if member.evaluation]
    store = s3_store.STORE
    kind = list(compared[base].kind[1:])
    return s3_store.readers.call(FUNCTION, store, uris[base], store, uris, kind, base, reads=uris)


def _key(compared: Sequence[Member], base: Member) -> str:
    versions = [(m.evaluation.pk, m.evaluation.status_since.isoformat()) for m in compared if m.evaluation]
    text = repr((versions, compared.index(base), base.kind))
    return f"compare:{hashlib.sha256(text.encode()).hexdigest()}"
