"""The page of a model that scores how unusual rows are."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.catalog.figures.strip import figures_by_name, interval_words, is_beyond_baseline
from models_app.catalog.figures.traits import date_words
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks


def context_of(document: dict[str, Any], choices: QueryDict) -> dict[str, Any]:
    """Verdict, the scores' histogram and course, what is unusual about the highest rows."""
    return {
        "verdict": verdict_of(document),
        "charts": [_histogram(document), _course(document)],
        "cut": formats.metric(document["cut"], "highest_score"),
    }


def reason_words(reason: dict[str, Any]) -> str:
    """ "calls = 14 (+5.8 sd)", "plan = legacy (0.3% of rows)"."""
    values = {"column": reason["column"], "value": reason["value"]}
    if "away" in reason:
        return _("%(column)s = %(value)s (%(sd)s sd)") % (values | {"sd": f"{reason['away']:+.1f}"})
    share = f"{100 * reason['share']:.2g}"
    if not reason["value"]:
        return _("%(column)s is empty (%(share)s%% of rows)") % (values | {"share": share})
    return _("%(column)s = %(value)s (%(share)s%% of rows)") % (values | {"share": share})


def verdict_of(document: dict[str, Any]) -> dict[str, str]:
    """The leading sentence: {tone, title, text}."""
    figure, flagged = figures_by_name(document)["flagged_share"], document["flagged"]
    values = {
        "flagged": f"{flagged:,}", "rows": f"{document['rows']:,}",
        "share": formats.metric(figure["value"], figure["name"]),
        "interval": interval_words(figure), "cut": formats.metric(document["cut"], "highest_score"),
        "quantile": f"{100 * document['quantile']:g}",
    }  # fmt: skip
    title = ngettext(
        "%(flagged)s of %(rows)s rows passes the cut at %(cut)s",
        "%(flagged)s of %(rows)s rows pass the cut at %(cut)s",
        flagged,
    )
    if not document["is_of_training"]:
        text = _(
            "The model keeps no scores of its training rows, so the cut is the score that %(quantile)s%% of these rows "
            "do not pass."
        )
        return {"tone": "info", "title": title % values, "text": text % values}
    values["baseline"] = formats.metric(figure["baseline"], figure["name"])
    text = _(
        "%(share)s of the rows (95%% interval %(interval)s). The cut is the score that %(quantile)s%% of the training "
        "rows do not pass, so %(baseline)s are expected where nothing has changed."
    )
    beyond = is_beyond_baseline(figure)
    if beyond and figure["value"] > figure["baseline"]:
        words = text % values + " " + _("There are more than that by more than chance.")
        return {"tone": "warn", "title": title % values, "text": words}
    return {"tone": "info", "title": title % values, "text": text % values}


def _histogram(document: dict[str, Any]) -> charts.Chart:
    histogram, cut = document["histogram"], document["cut"]
    low, high, counts = histogram["low"], histogram["high"], histogram["counts"]
    canvas = charts.Canvas((low, high), (0, max(counts) or 1), 480, 250)
    canvas.shade(cut, high)
    canvas.grid(4)
    canvas.bars(counts, "hb hb--1")
    canvas.cut(cut)
    title = _("Distribution of scores")
    values = {"cut": _score(cut), "highest": _score(figures_by_name(document)["highest_score"]["value"])}
    summary = _("Rows to the right of the line, at %(cut)s, are flagged; the highest score is %(highest)s.") % values
    step = (high - low) / len(counts)
    rows = [[_score(low + at * step), _score(low + (at + 1) * step), f"{n:,}"] for at, n in enumerate(counts)]
    texts = [_score(low + (high - low) * part) for part in (0, 0.5, 1)]
    return charts.Chart(
        "scores", title, summary, canvas.svg(title, summary, "plot--reg"), texts, (),
        [charts.Entry("sq s1", _("Rows"))], charts.table([_("From"), _("To"), _("Rows")], rows),
    )  # fmt: skip


def _course(document: dict[str, Any]) -> charts.Chart:
    course, cut = document["order"], document["cut"]
    steps, marked = course["steps"], course["marked"]
    levels = [score for _x, score in [*steps, *marked]]
    marks = ticks(min(0.0, *levels, cut), max(*levels, cut), 4)
    canvas = charts.Canvas((steps[0][0], steps[-1][0]), (marks[0], marks[-1]), 480, 250)
    canvas.grid(len(marks) - 1)
    canvas.line(steps, "s1")
    canvas.level(cut, "goal")
    canvas.dots(marked, "pl-dot pl-dot--s s3")
    words = date_words if course["by"] else _row
    title = _("Scores by %(column)s") % {"column": course["by"]} if course["by"] else _("Scores by row")
    highest = max([*marked, *steps], key=lambda point: point[1])
    values = {"place": words(highest[0]), "score": _score(highest[1])}
    summary = _("Highest at %(place)s: %(score)s.") if course["by"] else _("Highest at row %(place)s: %(score)s.")
    summary %= values
    rows = [[words(position), _score(score)] for position, score in steps]
    ends = [words(steps[0][0]), words(steps[-1][0])]
    texts = [label(mark, marks[1] - marks[0]) for mark in marks]
    legend = [
        charts.Entry("s1", _("Highest score of each step")),
        charts.Entry("pt s3", _("Flagged"), f"{document['flagged']:,}"),
        charts.Entry("goal", _("Cut"), _score(cut)),
    ]  # fmt: skip
    data = charts.table([course["by"] or _("Row"), _("Score")], rows)
    return charts.Chart(
        "course", title, summary, canvas.svg(title, summary, "plot--reg"), ends, texts[::-1], legend, data
    )


def _score(value: float) -> str:
    return formats.metric(value, "highest_score")


def _row(number: float) -> str:
    return f"{number:,.0f}"
