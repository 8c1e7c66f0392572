"""`Model`: a class of one's own with `train` and `predict`, and by `Model.<algorithm>(...)` every built-in."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Self

from sagewright.runtime.model import BaseModel
from sagewright.runtime.signature import channels_of, check, check_init, hyperparameters_of, rows_kind
from sagewright.sdk.alone import AloneCheck
from sagewright.sdk.bundle import bundle_of
from sagewright.sdk.codecs import ClassCodec
from sagewright.sdk.errors import NotFound, SagewrightError
from sagewright.sdk.hosting import host
from sagewright.sdk.local import LocalJob, LocalPredictor, fit_here, load_here
from sagewright.sdk.objects import check_target, download, extract, upload, uploaded
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.predictor import Predictor
from sagewright.sdk.requests import training_request
from sagewright.sdk.session import Session, default_session, unique_name
from sagewright.sdk.sources import PredictorInstance, S3DataSource, TrainingInstance, as_source
from sagewright.sdk.training_job import TrainingJob

PREFIX = "sagewright"  # of everything in the bucket, as the console has it


class _Algorithms(type):
    """`Model.<algorithm>(...)`: the built-in algorithms, by their declarations."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_") or cls.__module__ != __name__:
            raise AttributeError(name)
        from sagewright.sdk.built_in import built_in

        return built_in(name)


class _LastJob:
    """The job of the last fit. An attribute `job` that `train` puts on self is the person's own, and hides it."""

    def __get__(self, model: Any, owner: type) -> Any:
        return getattr(model, "_sagewright_job", None)


class Model(BaseModel, metaclass=_Algorithms):
    """A model of one's own. Derive a class, write `train` and `predict`, and say `fit`, `deploy`, `predict`.

    The positional arguments of `train` are the channels: each is a pandas, polars or NumPy table as its annotation
    says, without one a `Table`. Its keyword-only arguments are the hyperparameters; the class takes them by name. What
    `train` puts on `self` is the model. `predict` gets the rows with the columns of the training data, by name.
    """

    job: Any = _LastJob()
    _sagewright_job: Any

    def __init_subclass__(cls, **more: Any) -> None:
        """Check the signatures of `train` and `predict`, where the class is written. Raises TypeError."""
        super().__init_subclass__(**more)
        if cls.train is not BaseModel.train:
            channels_of(cls.train)
            hyperparameters_of(cls.train)
        if cls.predict is not BaseModel.predict:
            rows_kind(cls.predict)

    def fit(
        self,
        instance: TrainingInstance | None = None,
        *sources: Any,
        local: bool = False,
        wait: bool = True,
        name: str = "",
        quiet: bool | None = None,
        tags: dict[str, str] | None = None,
        session: Session | None = None,
        **named: Any,
    ) -> Any:
        """Train on `sources`, one for each channel in order or by name; the job.

        Hyperparameters, source, data and role are checked before anything starts. With `wait` the log streams to a
        terminal (`quiet` decides otherwise) until the job has ended; without, the job is returned at once. With `local`
        the class trains in this process. `name` is the beginning of the job's name.
        """
        cls = type(self)
        if not isinstance(instance, TrainingInstance | None):
            instance, sources = None, (instance, *sources)
        channels = self._channels(sources, named)
        check_init(self)
        filled = {n: h.default for n, h in hyperparameters_of(cls.train).items() if not h.required}
        self.hyperparameters = check(hyperparameters_of(cls.train), filled | self.hyperparameters, complete=True)
        job_name = unique_name(name or cls.__name__)
        if local:
            self._sagewright_job = fit_here(self, job_name, lambda: session or default_session(), channels)
            return self._sagewright_job
        session = session or default_session()
        job = self._start(job_name, instance or TrainingInstance(), channels, session, tags or {})
        self._sagewright_job = job
        return job.wait(quiet) if wait else job

    def _channels(self, sources: tuple[Any, ...], named: dict[str, Any]) -> dict[str, S3DataSource]:
        known = channels_of(type(self).train)
        if len(sources) > len(known):
            raise TypeError(
                f"{type(self).__name__}.train has {len(known)} channels ({', '.join(c.name for c in known)}), and "
                f"{len(sources)} sources are given."
            )
        channels = {channel.name: source for channel, source in zip(known, sources, strict=False)}
        for name in named:
            if name not in {channel.name for channel in known} or name in channels:
                raise TypeError(f"{type(self).__name__}.train has no further channel {name}.")
        channels |= named
        if missing := [channel.name for channel in known if channel.required and channel.name not in channels]:
            raise TypeError(f"No data is given for {', '.join(missing)}. Say fit(..., S3DataSource(...)).")
        return {channel.name: as_source(channels[channel.name]) for channel in known if channel.name in channels}

    def _start(
        self, name: str, instance: TrainingInstance, channels: dict[str, S3DataSource], session: Session,
        tags: dict[str, str],
    ) -> TrainingJob:  # fmt: skip
        cls, planner = type(self), planner_of(session)
        options = {channel: source.options() for channel, source in channels.items()}
        bundle = bundle_of(cls, options, partial(planner.ask, "runner_files"))
        alone = AloneCheck(bundle)  # in a process of its own, while the requests below are answered
        image, root = planner.ask("image", region=session.region), f"s3://{session.bucket}/{PREFIX}"
        role = session.role
        alone.result()
        ready = {n: uploaded(session, source, f"{root}/{name}/input/{n}") for n, source in channels.items()}
        for channel, source in ready.items():
            check_target(session, channel, source)
        code = upload(session, bundle.archive(), f"{root}/{name}/source/sourcedir.tar.gz")
        settings = planner.ask(
            "class_settings", hyperparameters=self.hyperparameters, code_uri=code, job_name=name,
            region=session.region, metrics=[*bundle.metrics],
        )  # fmt: skip
        request = training_request(name, image, role, root, instance, ready, settings, cls.__name__, tags)
        session.client("sagemaker").create_training_job(**request)
        return TrainingJob(name, session)

    def deploy(
        self,
        instance: PredictorInstance | None = None,
        artifact: Any = None,
        *,
        name: str = "",
        local: bool = False,
        wait: bool = True,
        quiet: bool | None = None,
        session: Session | None = None,
    ) -> Any:
        """An endpoint that answers with this class; its predictor.

        `artifact` is an S3DataSource, an S3 URI or a job; by default that of the last `fit`. `name` is the endpoint's.
        After a `fit(..., local=True)`, or with `local`, the predictor answers in this process.
        """
        uri = self._artifact(artifact)
        if local or not uri.startswith("s3://"):
            where = uri if not uri.startswith("s3://") else _fetch(uri, session or default_session())
            return LocalPredictor(name or type(self).__name__, *load_here(type(self), where))
        session = session or default_session()
        predictor = self._host(name or unique_name(type(self).__name__), uri, instance, session)
        return predictor.wait(quiet) if wait else predictor

    def deploy_into(self, predictor: Predictor, instance: PredictorInstance | None = None) -> None:
        """Let the endpoint of `predictor` host the artifact of the last `fit`. `Predictor.update` calls it."""
        self._host(predictor.name, self._artifact(None), instance, predictor.session, predictor)

    def _host(
        self, name: str, uri: str, instance: PredictorInstance | None, session: Session, into: Predictor | None = None
    ) -> Predictor:
        image = planner_of(session).ask("image", region=session.region)
        environment = planner_of(session).ask("class_environment", region=session.region)
        return host(
            session, name, image, uri, instance or PredictorInstance(), environment, into=into, codec=ClassCodec()
        )

    def _artifact(self, artifact: Any) -> str:
        if artifact is not None:
            return as_source(artifact).uri
        job = getattr(self, "_sagewright_job", None)
        if job is None:
            raise NotFound(
                f"{type(self).__name__} has no artifact in this process. Call fit first, or give "
                "deploy(instance, S3DataSource(artifact))."
            )
        return job.artifact

    @classmethod
    def load(cls, artifact: Any, session: Session | None = None) -> Self:
        """The trained model of `artifact` in this process. It runs what was pickled: load only what is yours."""
        uri = as_source(artifact).uri
        folder = _fetch(uri, session or default_session()) if uri.startswith("s3://") else uri
        return load_here(cls, folder)[0]  # type: ignore[return-value]

    @staticmethod
    def get(name: str, session: Session | None = None) -> Predictor:
        """The endpoint called `name`, whoever made it: the console, this SDK or another client. Raises NotFound."""
        predictor = Predictor(name, session)
        predictor.describe()
        return predictor

    @staticmethod
    def attach(name: str, session: Session | None = None) -> TrainingJob:
        """The training job called `name`. Raises NotFound."""
        return TrainingJob.attach(name, session)


def _fetch(uri: str, session: Session) -> str:
    """A folder of this machine with the unpacked model.tar.gz at `uri`."""
    folder = Path(tempfile.mkdtemp(prefix="sagewright-model-"))
    download(session, uri, folder)
    archives = list(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise SagewrightError(f"{uri} is no model.tar.gz. Give the artifact of a job.")
    return str(extract(archives[0], folder / "model"))


__all__ = ["LocalJob", "Model"]
