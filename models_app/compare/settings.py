"""The settings, the data and the cost of a comparison's members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

import algorithms
from common import amounts
from jobs.differences import differences
from models_app.aws import job_spec
from models_app.compare.lines import Line, Section, amounts_line, texts_line
from models_app.compare.members import Member
from models_app.models import Model, TrainingJob
from models_app.text import formats


def hyperparameters(members: Sequence[Member], base: int) -> list[Line]:
    """Each hyperparameter that anybody's algorithm has: what it was given, else the algorithm's default."""
    own_values = [_own_hyperparameters(member) for member in members]
    defaults = [_defaults(_algorithm(member)) for member in members]
    names = sorted({name for each in own_values for name in each} | {name for each in defaults for name in each})
    lines = []
    for name in names:
        usual = _alike([each.get(name, "") for each in defaults])
        values = _alike([str(g.get(name, d.get(name, ""))) for g, d in zip(own_values, defaults, strict=True)])
        is_chosen = any(value not in ("", default) for value, default in zip(values, usual, strict=True))
        matters = is_chosen or len(set(values) - {""}) > 1
        lines.append(texts_line(name, values, base, is_code=True, matters=matters))
    return lines


def settings(members: Sequence[Member], base: int) -> list[Line]:
    """Algorithm, compute, and every decision on the table that is not the same for all."""
    lines = [
        texts_line(_("Algorithm"), [_title(_algorithm(member)) for member in members], base),
        texts_line(_("Compute"), [member.job.instance_type if member.job else "" for member in members], base),
    ]
    # A setting is described by what it changes; all are described from one, the baseline where it has settings.
    first = next((m for m in (members[base], *members) if m.model), None)
    if first is None or first.model is None:
        return lines
    reference = job_spec.of_model(first.model).but(hyperparameters={}, algorithm="", instance_type="", data_uri="")
    changed: dict[str, dict[int, tuple[str, str]]] = {}
    for member in members:
        if member.model and member is not first:
            spec = job_spec.of_model(member.model).but(hyperparameters={}, algorithm="", instance_type="", data_uri="")
            for each in differences(reference, spec, formats.metric_name):
                changed.setdefault(str(each.label), {})[member.index] = (str(each.was), str(each.now))
    for label, by_index in changed.items():
        was = next(iter(by_index.values()))[0]
        texts = [by_index[m.index][1] if m.index in by_index else was if m.model else "" for m in members]
        lines.append(texts_line(label, texts, base))
    return lines


def data(members: Sequence[Member], base: int) -> list[Line]:
    """What each learned from, and on how many rows it was measured."""
    schemas = [member.model.schema if member.model else {} for member in members]
    columns = [{c["name"] for c in schema.get("columns", []) if c.get("role") == "feature"} for schema in schemas]
    everywhere = set.intersection(*(each for each in columns if each)) if any(columns) else set()
    only = [", ".join(sorted(each - everywhere)) for each in columns]
    counts = (
        (_("Rows"), "rows"), (_("Learned from"), "train_rows"), (_("Validation rows"), "validation_rows"),
        (_("Test rows"), "test_rows"),
    )  # fmt: skip
    return [
        texts_line(_("Training data"), [_data(member) for member in members], base),
        texts_line(_("Version"), [member.model.data_etag[:12] if member.model else "" for member in members], base),
        texts_line(_("Target"), [str(schema.get("target", "")) for schema in schemas], base),
        *(texts_line(title, [_count(schema.get(key)) for schema in schemas], base) for title, key in counts),
        texts_line(_("Columns"), [_count(len(each) or None) for each in columns], base),
        texts_line(_("Columns that others lack"), only, base),
    ]


def cost(members: Sequence[Member], base: int) -> list[Line]:
    """How long each trained and what that cost."""
    jobs = [member.job if member.job and member.job.is_final else None for member in members]
    seconds = [job.seconds if job else None for job in jobs]
    rounds = [job.round if job and job.has_rounds and job.round else None for job in jobs]
    sizes = [float(job.artifact_bytes) if job and job.artifact_bytes is not None else None for job in jobs]
    endpoints = [member.row_of_model.endpoint if member.row_of_model else None for member in members]
    latencies = [endpoint.latency_p95 if endpoint else None for endpoint in endpoints]
    latency = [amounts_line(_("Latency of its endpoint (p95)"), latencies, formats.milliseconds, base)]
    return [
        *(latency if any(value is not None for value in latencies) else []),
        amounts_line(_("Training time"), seconds, amounts.duration, base),
        amounts_line(_("Training cost"), [job.cost if job else None for job in jobs], amounts.money, base),
        texts_line(_("Rounds"), [_count(count) for count in rounds], base),
        amounts_line(_("Size of the artifact"), sizes, lambda value: formats.size(round(value)), base),
    ]


def sections_of(members: Sequence[Member], base: int) -> list[Section]:
    """All of these, as sections."""
    return [
        Section("hyperparameters", _("Hyperparameters"), hyperparameters(members, base)),
        Section("settings", _("Settings"), settings(members, base)),
        Section("data", _("Data"), data(members, base)),
        Section("cost", _("Cost and speed"), cost(members, base)),
    ]


def learned_alike(members: Sequence[Member]) -> bool:
    """True if all learned from the same version of the same data, as far as that is known."""
    versions = {(_data(member), member.model.data_etag if member.model else "") for member in members if member.thing}
    return len(versions) == 1


def _algorithm(member: Member) -> str:
    return (member.job.algorithm if member.job else "") or (member.model.algorithm if member.model else "")


def _title(algorithm: str) -> str:
    known = algorithms.ALGORITHMS.get(algorithm)
    return known.title if known else algorithm


def _own_hyperparameters(member: Member) -> dict[str, Any]:
    job: TrainingJob | None = member.job
    model: Model | None = member.model
    return (job.hyperparameters if job else {}) or (model.hyperparameters if model else {})


def _defaults(algorithm: str) -> dict[str, str]:
    known = algorithms.ALGORITHMS.get(algorithm)
    return {h.name: str(h.default) for h in known.hyperparameters if h.default is not None} if known else {}


def _alike(values: list[str]) -> list[str]:
    """`values` with numbers that are the same spelled the same: "0.10" as "0.1"."""

    def plain(text: str) -> str:
        try:
            return f"{float(text):.12g}"
        except ValueError:
            return text

    return [plain(value) for value in values]


def _data(member: Member) -> str:
    """The table; of a job made elsewhere the objects of its training channel."""
    if member.model:
        return member.model.data_uri
    channels = (member.job.described if member.job else {}).get("InputDataConfig") or ()
    for channel in channels:
        if channel.get("ChannelName") in ("train", "training"):
            return channel.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri", "")
    return ""


def _count(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
