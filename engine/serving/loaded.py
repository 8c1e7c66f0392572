"""Models in memory: loaded on demand, each once however many requests wait, the least used dropped."""

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
from engine.serving.named import VARIABLE, Named, NoSchema
from engine.serving.named import load as load_schema
from engine.serving.routes import Variant

MODELS = 200
BYTES = 1024**3  # of model files; in memory they are a small multiple of that


class Broken(Exception):
    """The model cannot be loaded; the message says why in plain words."""


log = logging.getLogger(__name__)
AGAIN = 10.0  # seconds before a schema that could not be read is tried again


@dataclass
class Loaded:
    """A model ready to answer. `named` takes rows by column name; `no_schema` says why a schema there is cannot."""

    predictor: Predictor
    size: int
    named: Named | None = None
    no_schema: str = ""
    tried: float = 0.0
    batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        self.batch = Batch(self.predictor)

    def read_schema(self, uri: str, asks: str) -> None:
        """Read the schema at `uri`. A schema that cannot be read leaves the model answering rows by position."""
        self.tried = time.monotonic()
        try:
            self.named, self.no_schema = load_schema(uri, self.predictor, asks), ""
        except NoSchema as e:
            self.named, self.no_schema = None, f"The model's schema {uri} cannot be used: {e}."
            log.warning(self.no_schema)


class Models:
    """The models this process holds."""

    def __init__(self, models: int = MODELS, size: int = BYTES):
        self._most, self._bytes = models, size
        self._held: OrderedDict[Variant, Loaded] = OrderedDict()
        self._loading: dict[Variant, asyncio.Task] = {}
        self._threads = ThreadPoolExecutor(2, "load")

    def __len__(self) -> int:
        return len(self._held)

    def get(self, variant: Variant) -> Loaded | None:
        """The model of `variant` if it is in memory."""
        held = self._held.get(variant)
        if held:
            self._held.move_to_end(variant)
        return held

    async def load(self, variant: Variant) -> Loaded:
        """The model of `variant`, loaded if need be. Raises Broken, or botocore's errors if the store is away."""
        if held := self.get(variant):
            return held
        task = self._loading.get(variant)
        if task is None:
            task = self._loading[variant] = asyncio.ensure_future(self._load(variant))
            task.add_done_callback(lambda done: (self._loading.pop(variant, None), done.exception()))
        return await asyncio.shield(task)

    async def _load(self, variant: Variant) -> Loaded:
        loaded = await asyncio.get_running_loop().run_in_executor(self._threads, load, variant)
        # A new configuration, or a new endpoint of the same name, has its own entry; the old one's time is over.
        for old in [v for v in self._held if (v.endpoint, v.name) == (variant.endpoint, variant.name)]:
            if old.config != variant.config:
                del self._held[old]
        self._held[variant] = loaded
        while len(self._held) > 1 and (len(self._held) > self._most or self._total() > self._bytes):
            self._held.popitem(last=False)
        return loaded

    def _total(self) -> int:
        return sum(loaded.size for loaded in self._held.values())


def load(variant: Variant) -> Loaded:
    """Fetch and load the model of `variant` in this thread. Raises Broken."""
    algorithm = algorithms.for_image(variant.image)
    if algorithm is None:
        raise Broken(f"No algorithm of this engine runs the image {variant.image}.")
    try:
        folder = artifact.fetch(variant.url)
        predictor = algorithm.load_predictor().load(folder, dict(variant.environment))
    except (UserError, artifact.BadArtifact) as e:
        raise Broken(str(e)) from e
    loaded = Loaded(predictor, _size(folder))
    if uri := dict(variant.environment).get(VARIABLE):
        loaded.read_schema(uri, algorithm.asks)
    return loaded


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
