"""Checks every job of the corpus, and counts the misses and the false blocks."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import preflight
from tables.store import Folder
from tests.corpus.bad import Bad, jobs
from tests.corpus.bad_jobs import CorpusAccount
from tests.corpus.clean import tables
from tests.corpus.clean_table import Clean


@dataclass
class Outcome:
    """What preflight said of one entry. `missed` are expected checks that did not object."""

    name: str
    report: preflight.Report
    missed: tuple[str, ...] = ()

    @property
    def blocks(self) -> list[preflight.Finding]:
        return [finding for finding in self.report.findings if finding.level == "err"]


@dataclass
class Result:
    bad: list[tuple[Bad, Outcome]] = field(default_factory=list)
    clean: list[tuple[Clean, Outcome]] = field(default_factory=list)

    @property
    def predictable(self) -> list[tuple[Bad, Outcome]]:
        return [(bad, outcome) for bad, outcome in self.bad if bad.predictable]

    @property
    def misses(self) -> list[tuple[Bad, Outcome]]:
        return [(bad, outcome) for bad, outcome in self.predictable if outcome.missed]

    @property
    def corruptions(self) -> dict[str, bool]:
        """Of the silent corruptions: was every job with it found, as silent?"""
        results: dict[str, bool] = {}
        for bad, outcome in self.bad:
            if bad.corruption:
                results[bad.corruption] = results.get(bad.corruption, True) and not outcome.missed
        return results

    @property
    def false_blocks(self) -> list[tuple[Clean, Outcome]]:
        return [(clean, outcome) for clean, outcome in self.clean if outcome.report.blocks]


def store_of(files: dict[str, bytes], root: Path) -> Folder:
    """A store with the one bucket `corpus`. A key with // cannot be a path, so such an object is only listed."""
    store = _Listed(root)
    (root / "corpus").mkdir()
    for key, body in files.items():
        path = root / "corpus" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        if "//" in key:
            store.doubled[key.replace("//", "/")] = key
    return store


class _Listed(Folder):
    """A folder whose listing may hold keys with //, as S3 has them."""

    def __init__(self, root: Path):
        super().__init__(root)
        self.doubled: dict[str, str] = {}

    def list_objects(self, bucket, prefix):
        for o in super().list_objects(bucket, ""):
            key = self.doubled.get(o.key, o.key)
            if key.startswith(prefix):
                yield type(o)(key, o.size, o.modified, o.etag)


def ask(bad: Bad) -> Outcome:
    """Check one bad job."""
    with tempfile.TemporaryDirectory() as folder:
        account = CorpusAccount(**bad.account_facts) if bad.account_facts else None
        report = preflight.run(bad.job, store_of(bad.files, Path(folder)), account)
    missed = tuple(id for id in bad.expect if not report.of(id))
    if bad.silent and not any(finding.silent for id in bad.expect for finding in report.of(id)):
        missed += ("silent",)
    return Outcome(bad.name, report, missed)


def try_clean(clean: Clean) -> Outcome:
    """Check one clean table, which the console prepares."""
    with tempfile.TemporaryDirectory() as folder:
        report = preflight.run(clean.job(), store_of({clean.key: clean.body()}, Path(folder)), None)
    return Outcome(clean.name, report)


def run() -> Result:
    """The whole corpus."""
    return Result([(bad, ask(bad)) for bad in jobs()], [(clean, try_clean(clean)) for clean in tables()])
