"""The same class in this process, for a debugger: `fit(..., local=True)` and what it returns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from sagewright.runtime.files import columns_of, read_channel
from sagewright.runtime.job import facts_of, predict
from sagewright.runtime.model import BaseModel, load, save
from sagewright.runtime.rows import read_answer, write_answer, write_rows
from sagewright.runtime.signature import channels_of, rows_kind
from sagewright.sdk.codecs import first_of, library_of
from sagewright.sdk.objects import download
from sagewright.sdk.session import Session
from sagewright.sdk.sources import S3DataSource

STATUS = "Completed"


class LocalJob:
    """A training that ran in this process; it has the properties of a TrainingJob. `artifact` is a folder here."""

    status = STATUS

    def __init__(self, name: str, artifact: str, history: dict[str, list[float]], cls: type[BaseModel]):
        self.name, self.artifact, self.history, self._cls = name, artifact, history, cls

    def __repr__(self) -> str:
        figures = "".join(f", {name}={value:.6g}" for name, value in self.metrics.items())
        return f"LocalJob({self.name!r}, artifact={self.artifact!r}{figures})"

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric."""
        return {name: values[-1] for name, values in self.history.items()}

    def logs(self, follow_until_end: bool = False) -> Iterator[str]:
        """Nothing: what `train` printed, it printed here."""
        return iter(())

    def wait(self, quiet: bool | None = None) -> Self:
        """It has ended."""
        return self

    def stop(self) -> None:
        """It has ended."""

    def deploy(self, instance: Any = None, *, name: str = "", wait: bool = True, quiet: bool | None = None) -> Any:
        """As `TrainingJob.deploy`, in this process."""
        return LocalPredictor(name or self.name, *load_here(self._cls, self.artifact))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LocalPredictor:
    """Predictions in this process, through the same bodies as an endpoint's."""

    def __init__(self, name: str, model: BaseModel, facts: dict[str, Any]):
        self.name, self._model, self._facts = name, model, facts

    def __repr__(self) -> str:
        return f"LocalPredictor({self.name!r})"

    def predict(self, rows: Any) -> Any:
        """As `Predictor.predict`."""
        body, content_type = write_answer(predict(self._model, self._facts, *write_rows(rows)))
        return first_of(rows, read_answer(body, content_type, library_of(rows)))

    def update(self, model: Any, *_: object, **__: object) -> Self:
        """Use another trained model, or the model of a local job."""
        other = model.deploy() if isinstance(model, LocalJob) else model.deploy(local=True)
        self._model, self._facts = other._model, other._facts
        return self

    def wait(self, quiet: bool | None = None) -> Self:
        """It answers."""
        return self

    def delete(self) -> None:
        """Nothing runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def fit_here(model: BaseModel, name: str, session: Any, sources: dict[str, S3DataSource]) -> LocalJob:
    """Train `model` in this process. Data in S3 is downloaded first; `session()` is asked only then."""
    folder = Path(tempfile.mkdtemp(prefix="sagewright-local-"))
    kinds = {channel.name: channel.kind for channel in channels_of(type(model).train)}
    channels: dict[str, Any] = {}
    features: list[str] = []
    for channel, source in sources.items():
        path = (
            Path(source.uri).expanduser()
            if source.is_local
            else _downloaded(session(), source.uri, folder / "input" / channel)
        )
        channels[channel] = read_channel(path, kinds[channel], source.options())
        features = features or columns_of(channels[channel], source.options())
    history: dict[str, list[float]] = {}

    def listen(values: dict[str, float]) -> None:
        for metric, value in values.items():
            history.setdefault(metric, []).append(value)

    model._sagewright_listener = listen
    try:
        model.train(**channels, **model.hyperparameters)
    finally:
        model._sagewright_listener = None
    artifact = folder / "model"
    save(model, artifact, facts_of({"rows": rows_kind(type(model).predict)}, features))
    return LocalJob(name, str(artifact), history, type(model))


def load_here(cls: type, artifact: str) -> tuple[BaseModel, dict[str, Any]]:
    """(the model, its facts) of a folder that a local job wrote."""
    return load(cls, Path(artifact))


def _downloaded(session: Session, uri: str, into: Path) -> Path:
    into.mkdir(parents=True)
    return download(session, uri, into)
