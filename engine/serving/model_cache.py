"""Models of this process: loaded on demand, once for all waiting requests, evicted least recently used first."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import algorithms
from algorithms.spec import Algorithm, UserError
from common.http import spare
from engine import store
from engine.frameworks.images import serves_script
from engine.serving import artifact, checked_models, script
from engine.serving.answering import Answering
from engine.serving.in_process import InProcessModel
from engine.serving.isolated import IsolatedModel
from engine.serving.routes import Variant
from engine.serving.schema_document import SchemaDocument
from engine.serving.script_model import ScriptModel
from engine.serving.served_model import ModelLoadError, ServedModel

MAX_MODELS = 200
MAX_PROCESSES = 24  # of isolated models; each takes some 100 MB
MAX_BYTES = 1024**3  # of model files; in memory they are a small multiple of that
MAX_FAILURES = 1000  # models whose last failure is remembered
CHECK_SECONDS = 60.0
LONGEST_WAIT = 60.0  # seconds until a model that does not load is tried again
log = logging.getLogger(__name__)


class ModelCache:
    """The models of this process. For one event loop; at most MAX_MODELS, and MAX_BYTES of model files."""

    def __init__(self, models: int = MAX_MODELS, size: int = MAX_BYTES, processes: int = MAX_PROCESSES):
        self._max_models, self._max_bytes, self._max_processes = models, size, processes
        self._cached: OrderedDict[Variant, ServedModel] = OrderedDict()
        self._loading: dict[Variant, asyncio.Task] = {}
        self._failures: dict[Variant, tuple[int, float, str]] = {}
        self._threads = ThreadPoolExecutor(8, "load")

    def __len__(self) -> int:
        return len(self._cached)

    def get(self, variant: Variant) -> ServedModel | None:
        """The model of `variant` if it is loaded."""
        cached = self._cached.get(variant)
        if cached:
            self._cached.move_to_end(variant)
        return cached

    async def load(self, variant: Variant, write_line: Callable[[str], None] = log.info) -> ServedModel:
        """The model of `variant`, loaded if need be. Raises ModelLoadError, or botocore's errors without the store.

        `write_line` is for what the model's own code prints, while it is loaded and later.
        A model that fails to load is tried again at the next request; after that it waits, twice as long each time.
        """
        if cached := self.get(variant):
            return cached
        _, until, reason = self._failures.get(variant, (0, 0.0, ""))
        if (wait := until - time.monotonic()) > 0:
            raise ModelLoadError(f"{reason} It is tried again in {wait:.0f} s.")
        task = self._loading.get(variant)
        if task is None:
            task = self._loading[variant] = asyncio.ensure_future(self._load(variant, write_line))
            task.add_done_callback(partial(self._end_load, variant))
        return await asyncio.shield(task)

    def endpoints(self) -> set[int]:
        """The rows of the endpoints whose models are here."""
        return {variant.endpoint for variant in self._cached}

    def retain(self, configs: Mapping[int, str]) -> None:
        """Let go of the models of endpoints that are not in `configs`, or have another configuration there."""
        for variant in [v for v in self._cached if configs.get(v.endpoint) != v.config]:
            model = self._cached.pop(variant)
            if variant.endpoint in configs:
                model.close()
            else:
                model.abort()

    def close(self) -> None:
        """Let go of all models, and end their processes."""
        for loaded in self._cached.values():
            loaded.close()
        self._cached.clear()

    def _end_load(self, variant: Variant, finished: asyncio.Task) -> None:
        del self._loading[variant]
        if not finished.cancelled():  # as a load is that is under way when the process ends
            finished.exception()  # raised to those who wait, of whom there may be none any more

    async def _load(self, variant: Variant, write_line: Callable[[str], None]) -> ServedModel:
        try:
            loaded = await asyncio.get_running_loop().run_in_executor(self._threads, load, variant, write_line)
            await loaded.start()
        except ModelLoadError as e:
            self._note_failure(variant, str(e))
            raise
        self._failures.pop(variant, None)
        spare.want_warm()
        # A new configuration, or a new endpoint of the same name, has its own entry; the old one's time is over.
        for old in [v for v in self._cached if (v.endpoint, v.name) == (variant.endpoint, variant.name)]:
            if old.config != variant.config:
                self._cached.pop(old).close()
        self._cached[variant] = loaded
        while len(self._cached) > 1 and (len(self._cached) > self._max_models or self._total() > self._max_bytes):
            self._cached.popitem(last=False)[1].close()
        isolated = [v for v, model in self._cached.items() if isinstance(model, IsolatedModel)]
        for oldest in isolated[: max(0, len(isolated) - self._max_processes)]:
            self._cached.pop(oldest).close()
        return loaded

    def _note_failure(self, variant: Variant, reason: str) -> None:
        if len(self._failures) >= MAX_FAILURES:
            self._failures.clear()
        count = self._failures.get(variant, (0,))[0] + 1
        wait = 0.0 if count == 1 else min(LONGEST_WAIT, 2.0 ** (count - 2))
        self._failures[variant] = count, time.monotonic() + wait, reason

    def _total(self) -> int:
        return sum(loaded.size for loaded in self._cached.values())


def warm_up() -> None:
    """Import what loads models and make the client that fetches them, so that the first load does not wait for it."""
    steps: list[Callable[[], object]] = [partial(store.client, quick=True)]
    steps += [partial(_prepare, algorithm) for algorithm in algorithms.ALGORITHMS.values()]
    for prepare in steps:
        try:
            prepare()
        except Exception as e:  # the first request that needs it says so
            log.info("not loaded beforehand: %s", e)


def _prepare(algorithm: Algorithm) -> None:
    algorithm.load_predictor().prepare()


def load(variant: Variant, write_line: Callable[[str], None] = log.info) -> ServedModel:
    """Fetch and load the model of `variant` in this thread; what is not proven is loaded by `start` of the result.

    `write_line` is for what the model's own code prints. Raises ModelLoadError.
    """
    environment = dict(variant.environment)
    if serves_script(variant.image, environment):
        return ScriptModel(script.fetch(variant.url, variant.image, environment, variant.region), write_line)
    algorithm = algorithms.for_image(variant.image)
    if algorithm is None:
        raise ModelLoadError(f"No algorithm of this engine runs the image {variant.image}.")
    document = SchemaDocument(environment)
    try:
        folder = artifact.fetch(variant.url, or_last_known=True)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        checked = _check(folder, algorithm.name, environment)
        if checked.row_steps is None:
            return IsolatedModel(checked.folder, algorithm.name, environment, algorithm.accept_header, size, document)
        kind = algorithm.load_predictor()
        kind.prepare()
        predictor = kind.load(checked.folder, environment)
    except (UserError, artifact.BadArtifact) as e:
        raise ModelLoadError(str(e)) from e
    answering = Answering.of_steps(predictor, algorithm.accept_header, checked.row_steps)
    return InProcessModel(answering, size, document)


def _check(folder: Path, algorithm: str, environment: dict[str, str]) -> checked_models.CheckedModel:
    return checked_models.find(folder, algorithm) or checked_models.check(folder, algorithm, environment, CHECK_SECONDS)
