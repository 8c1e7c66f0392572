"""Reads and prepares the whole table of a claimed row, in a sandboxed process that reads no other.

The process reads what the call names, and writes below the folder of its job, all through the worker, which keeps the
credentials, the claim and the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from common.db.claim import Claim, ClaimLost
from common.db.work import MemoryLimitPassed
from common.memory import GIB
from evaluation.table_input import TableRows
from jobs import JobSpec
from models_app.aws import s3_store
from models_app.work.table_work import Progress, TableWork
from preflight import JobData
from tables import Folder, Inspection, PreparedData, Recipe, Source
from tables.batch_result import BatchSummary
from tables.batch_rows import BatchRows
from tables.failures import unforeseen
from tables.profile import Profile
from tables.reader_process import ReaderProcess, TooLarge
from tables.store import Store


@contextmanager
def whole_table(work: TableWork[Any], progress: Progress) -> Iterator[WholeTable]:
    """A process for the table of the row that `progress` is about. A table that is too large gives the row up.

    Raises ClaimLost then, and for a stop or a take-over whatever the process is doing.
    """
    with s3_store.whole_tables.start() as process:
        try:
            yield WholeTable(process, progress)
        except TooLarge as e:
            work.abandon(progress.claim, MemoryLimitPassed(f"{settings.READER_MEMORY / GIB:.3g} GiB"))
            raise ClaimLost(f"{progress.claim} is given up") from e


class WholeTable:
    """What can be done with one table. Every method raises Problem, ClaimLost and Unfinished."""

    def __init__(self, process: ReaderProcess, progress: Progress):
        self._process, self._progress = process, progress

    @property
    def _claim(self) -> Claim[Any]:
        return self._progress.claim

    def inspect(self, source: Source, recipe: Recipe, supervised: bool) -> Inspection:
        """As `tables.inspector.inspect_source`."""
        return self._call(Inspection, source.uri, "tables.inspector:inspect_source", source, recipe, supervised)

    def scan(
        self, source: Source, recipe: Recipe, validation: Source | None = None, inspection: Inspection | None = None
    ) -> Profile:
        """As `tables.scan`."""
        args = (source, recipe, self._progress, validation, inspection)
        return self._call(Profile, source.uri, "tables.scanner:scan", *args)

    def read_job_data(self, job: JobSpec, etag: str) -> JobData:
        """As `preflight.read_job_data`."""
        args, reads = (job, s3_store.STORE, self._progress), s3_store.tables_of(job)
        return self._call(JobData, job.data_uri, "preflight.job_data:read_job_data", *args, reads=reads, etag=etag)

    def prepare(
        self, source: Source, recipe: Recipe, algorithm: str, folder: str, profile: Profile | None,
        hyperparameters: Mapping[str, str], shards: int, inspection: Inspection | None,
    ) -> PreparedData:  # fmt: skip
        """As `tables.prepare`, for the algorithm of that name; what it writes is below `folder`."""
        args = (source, recipe, algorithm, folder, self._progress, profile, hyperparameters, shards, inspection)
        function = "tables.preparation:prepare_for"
        reads = [s3_store.locate(recipe.validation_uri)] if recipe.validation == "location" else []
        ready: PreparedData = self._call(PreparedData, source.uri, function, *args, reads=reads, writable=folder)
        own = {source.uri, recipe.validation_uri}
        if not all(uri in own or uri.startswith(f"{folder}/") for uri in ready.channels.values()):
            raise unforeseen(source.uri, "its channels are elsewhere")
        return ready

    def prepare_batch(
        self, source: Source, recipe: Recipe, schema: Mapping[str, Any], names: Mapping[str, str], content_type: str,
        folder: str,
    ) -> BatchRows:  # fmt: skip
        """As `tables.batch_rows.prepare_batch`; what it writes is below `folder`."""
        args = (source, recipe, schema, names, content_type, folder, self._progress)
        return self._call(BatchRows, source.uri, "tables.batch_rows:prepare_batch", *args, writable=folder)

    def collect_batch(
        self, raw_uri: str, folder: str, answers_uri: str, schema: Mapping[str, Any], names: Sequence[str],
        content_type: str, has_problems: bool,
    ) -> BatchSummary:  # fmt: skip
        """As `tables.batch_result.collect_batch`; it reads `raw_uri` and `answers_uri`, and writes below `folder`."""
        args = (s3_store.STORE, raw_uri, folder, answers_uri, schema, names, content_type, has_problems, self._progress)
        function, reads = "tables.batch_result:collect_batch", (raw_uri, answers_uri)
        return self._call(BatchSummary, answers_uri, function, *args, reads=reads, writable=folder)

    def sample(
        self, source: Source, recipe: Recipe, schema: Mapping[str, Any], folder: Path, address: str
    ) -> TableRows:  # fmt: skip
        """As `evaluation.table_input.sample_table`; `address` is of `folder`, a store, and what it writes is below."""
        store = _IntoFolder(source.store, folder)
        args = (replace(source, store=store), recipe, schema, self._progress)
        function = "evaluation.table_input:sample_table"
        return self._call(TableRows, source.uri, function, *args, writable=address, store=store)

    def _call(
        self, kind: type, name: str, function: str, *args: Any, reads: Collection[Source | str] = (),
        writable: str = "", store: Store | None = None, **more: Any,
    ) -> Any:  # fmt: skip
        answer = self._process.call(
            store or s3_store.STORE, name, function, args, more, reads=reads, writable=writable,
            progress=self._progress, check=self._claim.check,
        )  # fmt: skip
        if not isinstance(answer, kind):  # a process that a file has taken over may say anything
            raise unforeseen(name, f"an answer of the type {type(answer).__name__}")
        return answer


class _IntoFolder:
    """Another store for reading, a local folder for writing."""

    def __init__(self, store: Store, folder: Path):
        self.list_objects, self.fetch, self.open = store.list_objects, store.fetch, store.open
        self.put = Folder(folder).put
