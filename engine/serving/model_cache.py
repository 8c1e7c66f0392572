"""Models in memory: loaded on demand, once for all waiting requests, evicted least recently used first."""

import asyncio
import logging
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import algorithms
from algorithms.spec import Predictor, UserError
from engine.serving import artifact
from engine.serving.batch import Batch
from engine.serving.model_schema import VARIABLE, ModelSchema, SchemaError
from engine.serving.model_schema import load as load_schema
from engine.serving.routes import Variant

MAX_MODELS = 200
MAX_BYTES = 1024**3  # of model files; in memory they are a small multiple of that


class ModelLoadError(Exception):
    """The model cannot be loaded; the message says why in plain words."""


log = logging.getLogger(__name__)
SCHEMA_RETRY_SECONDS = 10.0  # seconds before a schema that could not be read is tried again


@dataclass
class LoadedModel:
    """A model ready to answer. `schema` encodes rows by column name; `schema_error` says why it is None."""

    predictor: Predictor
    size: int
    schema: ModelSchema | None = None
    schema_error: str = ""
    schema_read_at: float = 0.0
    batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        self.batch = Batch(self.predictor)

    def read_schema(self, uri: str, response_type: str) -> None:
        """Read the schema at `uri`. A schema that cannot be read leaves the model answering rows by position."""
        self.schema_read_at = time.monotonic()
        try:
            self.schema, self.schema_error = load_schema(uri, self.predictor, response_type), ""
        except SchemaError as e:
            self.schema, self.schema_error = None, f"The model's schema {uri} cannot be used: {e}."
            log.warning(self.schema_error)


class ModelCache:
    """The models of this process. For one event loop; at most MAX_MODELS, and MAX_BYTES of model files."""

    def __init__(self, models: int = MAX_MODELS, size: int = MAX_BYTES):
        self._max_models, self._max_bytes = models, size
        self._cached: OrderedDict[Variant, LoadedModel] = OrderedDict()
        self._loading: dict[Variant, asyncio.Task] = {}
        self._threads = ThreadPoolExecutor(2, "load")

    def __len__(self) -> int:
        return len(self._cached)

    def get(self, variant: Variant) -> LoadedModel | None:
        """The model of `variant` if it is in memory."""
        cached = self._cached.get(variant)
        if cached:
            self._cached.move_to_end(variant)
        return cached

    async def load(self, variant: Variant) -> LoadedModel:
        """The model of `variant`, loaded if need be. Raises ModelLoadError, or botocore's errors without the store."""
        if cached := self.get(variant):
            return cached
        task = self._loading.get(variant)
        if task is None:
            task = self._loading[variant] = asyncio.ensure_future(self._load(variant))
            task.add_done_callback(lambda finished: (self._loading.pop(variant, None), finished.exception()))
        return await asyncio.shield(task)

    async def _load(self, variant: Variant) -> LoadedModel:
        loaded = await asyncio.get_running_loop().run_in_executor(self._threads, load, variant)
        # A new configuration, or a new endpoint of the same name, has its own entry; the old one's time is over.
        for old in [v for v in self._cached if (v.endpoint, v.name) == (variant.endpoint, variant.name)]:
            if old.config != variant.config:
                del self._cached[old]
        self._cached[variant] = loaded
        while len(self._cached) > 1 and (len(self._cached) > self._max_models or self._total() > self._max_bytes):
            self._cached.popitem(last=False)
        return loaded

    def _total(self) -> int:
        return sum(loaded.size for loaded in self._cached.values())


def load(variant: Variant) -> LoadedModel:
    """Fetch and load the model of `variant` in this thread. Raises ModelLoadError."""
    algorithm = algorithms.for_image(variant.image)
    if algorithm is None:
        raise ModelLoadError(f"No algorithm of this engine runs the image {variant.image}.")
    try:
        folder = artifact.fetch(variant.url)
        predictor = algorithm.load_predictor().load(folder, dict(variant.environment))
    except (UserError, artifact.BadArtifact) as e:
        raise ModelLoadError(str(e)) from e
    loaded = LoadedModel(predictor, _size(folder))
    if uri := dict(variant.environment).get(VARIABLE):
        loaded.read_schema(uri, algorithm.accept_header)
    return loaded


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
