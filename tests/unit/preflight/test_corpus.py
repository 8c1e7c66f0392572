"""The corpus: nothing predictable is missed, silent corruptions are known as such, clean tables are not blocked."""

import re
import tempfile
from pathlib import Path

import pytest

import preflight
from preflight.registry import CHECKS, MODES, NEEDS
from tests.corpus import check, container, report

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def result():
    return check.run()


def test_the_corpus_is_large_enough_and_its_names_are_unique(result):
    names = [bad.name for bad, _ in result.bad]
    assert len(result.predictable) >= 120 and len(result.clean) >= 150
    assert len(set(names)) == len(names)


def test_every_predictable_failure_is_found(result):
    assert [(bad.name, outcome.missed) for bad, outcome in result.misses] == []


def test_all_thirteen_silent_corruptions_are_found_as_silent(result):
    assert len(result.corruptions) == 13
    assert all(result.corruptions.values())


def test_at_most_two_percent_of_clean_tables_are_blocked(result):
    blocked = [(clean.name, [f.title for f in outcome.blocks]) for clean, outcome in result.false_blocks]
    assert len(blocked) <= 0.02 * len(result.clean), blocked


def test_jobs_fail_or_train_in_silence_as_is_claimed(result):
    """On XGBoost's own reader and trainer, with the container's steps around it."""
    run = [bad for bad, _ in result.bad if container.can_run(bad)]
    wrong = [(bad.name, container.outcome(bad)) for bad in run if bool(container.outcome(bad)) == bad.silent]
    assert len(run) > 100 and wrong == []


def test_every_fix_mends_what_it_is_offered_for(result):
    pressed, left = 0, []
    for bad, outcome in result.bad:
        for finding in [f for id in bad.expect for f in outcome.report.of(id)]:
            for fix in finding.fixes:
                pressed += 1
                job = preflight.apply_fix(bad.job, fix.changes)
                with tempfile.TemporaryDirectory() as folder:
                    account = check.CorpusAccount(**bad.account_facts) if bad.account_facts else None
                    again = preflight.run(job, check.store_of(bad.files, Path(folder)), account)
                same = [f for f in again.of(finding.id) if (f.column, f.field, f.level) == _position(finding)]
                left += [(bad.name, fix.label, f.title) for f in same]
    assert pressed > 200 and left == []


def _position(finding):
    return finding.column, finding.field, finding.level


def test_the_report_in_the_docs_is_current(result):
    how = "write it again with `python3 run preflight-report`"
    assert (DOCS / "preflight-report.md").read_text() == report.page(result), how


def test_checks_have_ids_of_their_own_and_known_modes():
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.mode in MODES and check.needs in NEEDS for check in CHECKS)


def test_every_check_that_can_object_is_in_the_corpus(result):
    expected = {id for bad, _ in result.bad for id in bad.expect}
    # Seen in tests of their own, for they need another kind of file, time, or machine.
    elsewhere = {"location.changed", "location.empty", "format.line_ends", "format.parquet", "compute.memory"}
    assert {check.id for check in CHECKS} - expected <= elsewhere


def test_the_sources_of_the_corpus_and_the_checks_are_in_the_docs(result):
    text = (DOCS / "containers.md").read_text()
    failures = set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE))
    cited = {bad.source.removeprefix("failure ") for bad, _ in result.bad if bad.source.startswith("failure ")}
    assert cited and cited <= failures
    groups = {check.group for check in CHECKS}
    named = {id for id in re.findall(r"`([a-z]+\.[a-z_]+)`", text) if id.partition(".")[0] in groups}
    assert named and named <= {check.id for check in CHECKS}
