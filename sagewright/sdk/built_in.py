"""Built-in algorithms by the same words as a class: fit, deploy, predict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.tags import as_text
from sagewright.sdk.display import Display
from sagewright.sdk.errors import NotFound, SagewrightError
from sagewright.sdk.hosting import host, schema_of
from sagewright.sdk.objects import uploaded
from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.predictor import Predictor
from sagewright.sdk.session import Session, default_session, unique_name
from sagewright.sdk.sources import PredictorInstance, S3DataSource, TrainingInstance, as_source
from sagewright.sdk.training_job import TrainingJob

PREFIX = "sagewright"


def built_in(name: str) -> Callable[..., BuiltIn]:
    """What makes models of the algorithm `name`. Raises AttributeError, with the names there are."""
    try:
        facts = planner_of(default_session()).ask("algorithm", name=name)
    except SagewrightError as e:
        raise AttributeError(str(e)) from None

    def make(**hyperparameters: Any) -> BuiltIn:
        return BuiltIn(facts["name"], hyperparameters)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{facts['title']}: {facts['help']}\n\nHyperparameters: {', '.join(facts['hyperparameters'])}."
    return make


class BuiltIn:
    """A model of a built-in algorithm. `hyperparameters` are checked where it is made: ValueError names each."""

    def __init__(self, algorithm: str, hyperparameters: dict[str, Any], session: Session | None = None):
        texts = {name: _text(value) for name, value in hyperparameters.items()}
        self.algorithm, self.hyperparameters, self.session = algorithm, texts, session
        self.job: TrainingJob | None = None
        self.findings: list[dict[str, Any]] = []
        if problems := planner_of(session or default_session()).ask("check_values", name=algorithm, values=texts):
            raise ValueError(" ".join(problems))

    def __repr__(self) -> str:
        return f"Model.{self.algorithm}({', '.join(f'{n}={v}' for n, v in self.hyperparameters.items())})"

    def fit(
        self,
        instance: TrainingInstance | None = None,
        source: Any = None,
        validation: Any = None,
        *,
        wait: bool = True,
        name: str = "",
        quiet: bool | None = None,
        tags: dict[str, str] | None = None,
        session: Session | None = None,
        output: str = "",
    ) -> TrainingJob:
        """Check the table at `source`, prepare it as the console does, and train on it; the job.

        `validation` is a source of its own for the rows that are held out. With S3DataSource(..., prepare=False) the
        objects go to the algorithm as they are. `output` is an s3://bucket/prefix. Raises PreflightFailed with cause,
        place and fix before anything starts.
        """
        if not isinstance(instance, TrainingInstance | None):
            instance, source, validation = None, instance, source if source is not None else validation
        if source is None:
            raise TypeError('No data is given. Say fit(TrainingInstance(), S3DataSource("s3://...", target="...")).')
        session = session or self.session or default_session()
        job_name, instance = unique_name(name or self.algorithm), instance or TrainingInstance()
        output = output.rstrip("/") or f"s3://{session.bucket}/{PREFIX}"
        ready = {
            channel: uploaded(session, as_source(data), f"{output}/{job_name}/input/{channel}")
            for channel, data in (("train", source), ("validation", validation))
            if data is not None
        }
        display = Display(quiet)
        planned = planner_of(session).ask(
            "plan",
            lambda step, done, total: display.step(step, done / total if total else 0),
            spec=_spec(self, job_name, instance, ready, session, output, as_text(tags or {})),
        )
        self.findings = planned["findings"]
        for sentence in planned["warnings"]:
            display.line(sentence)
        session.client("sagemaker").create_training_job(**planned["request"])
        self.job = TrainingJob(job_name, session)
        return self.job.wait(quiet) if wait else self.job

    def deploy(
        self,
        instance: PredictorInstance | None = None,
        artifact: Any = None,
        *,
        name: str = "",
        wait: bool = True,
        quiet: bool | None = None,
        session: Session | None = None,
    ) -> Predictor:
        """An endpoint that hosts `artifact`, by default that of the last `fit`; its predictor."""
        session = session or self.session or default_session()
        predictor = self._host(name or unique_name(self.algorithm), self._artifact(artifact), instance, session)
        return predictor.wait(quiet) if wait else predictor

    def deploy_into(self, predictor: Predictor, instance: PredictorInstance | None = None) -> None:
        """Let the endpoint of `predictor` host the artifact of the last `fit`. `Predictor.update` calls it."""
        self._host(predictor.name, self._artifact(None), instance, predictor.session, predictor)

    def _artifact(self, artifact: Any) -> str:
        if artifact is not None:
            return as_source(artifact).uri
        if self.job is None:
            raise NotFound("Nothing was trained in this process. Call fit, or give deploy(instance, artifact).")
        return self.job.artifact

    def _host(
        self, name: str, uri: str, instance: PredictorInstance | None, session: Session, into: Predictor | None = None
    ) -> Predictor:
        image = planner_of(session).ask("image", region=session.region, algorithm=self.algorithm)
        schema = schema_of(session, uri)
        return host(session, name, image, uri, instance or PredictorInstance(), schema_uri=schema, into=into)


def _spec(
    model: BuiltIn, name: str, instance: TrainingInstance, sources: dict[str, S3DataSource], session: Session,
    output: str, tags: str,
) -> dict[str, Any]:  # fmt: skip
    """The jobs.spec.JobSpec of a fit, as its `from_json` takes it."""
    data = sources["train"]
    return ({"data_distribution": data.distribution} if data.distribution else {}) | {
        "name": name, "algorithm": model.algorithm, "data_uri": data.uri, "recipe": _recipe(sources),
        "hyperparameters": model.hyperparameters, "instance_type": instance.type, "instance_count": instance.count,
        "volume_gb": instance.volume_gb, "max_runtime": instance.max_runtime, "role_arn": session.role,
        "region": session.region, "output_uri": output, "tags": tags, "deploy_when_done": False,
    }  # fmt: skip


def _recipe(sources: dict[str, S3DataSource]) -> dict[str, Any]:
    """The tables.recipe.Recipe of the sources, as its `from_json` takes it."""
    data = sources["train"]
    recipe: dict[str, Any] = {"target": data.target, "has_header": data.header, "excluded": [*data.excluded]}
    recipe |= {"weight": data.weight, "test_share": data.test, "prepare": data.prepare}
    if "validation" in sources:
        recipe |= {"validation": "location", "validation_uri": sources["validation"].uri}
    elif data.validation is not None:
        recipe |= {"validation": "share" if data.validation else "none", "validation_share": data.validation}
    return recipe | dict(data.recipe)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
