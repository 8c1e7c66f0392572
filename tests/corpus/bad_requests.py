"""Requests that are wrong whatever the data is: hyperparameters, channels, content types, image."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus import real
from tests.corpus.bad import SETTINGS, Bad, maker, raw_job
from tests.corpus.real import plain

HERE = "train/part.csv"


def _request(
    name: str,
    *expect: str,
    source: str = "",
    files: dict | None = None,
    kind: str = "binary",
    silent: bool = False,
    **more,
) -> Bad:
    body = plain(getattr(real, kind)()).encode()
    return Bad(f"{name}", raw_job(kind, **more), files or {HERE: body}, expect, source=source, silent=silent)


@maker
def hyperparameters() -> Iterator[Bad]:
    values = "hyperparameters.values"
    for name, value in (
        ("eta", "1.5"), ("eta", "-0.1"), ("eta", "fast"), ("eta", "0,3"), ("max_depth", "6.0"), ("max_depth", "-1"),
        ("subsample", "0.0"), ("subsample", "1.1"), ("colsample_bytree", "0"), ("num_round", "0"), ("num_round", ""),
        ("num_round", "1e3"), ("num_round", "ten"), ("objective", "binary:logistc"), ("objective", "logistic"),
        ("booster", "tree"), ("tree_method", "histogram"), ("eval_metric", "accurracy"), ("eval_metric", "auc,"),
        ("gamma", "-1"), ("scale_pos_weight", "0"), ("tweedie_variance_power", "2"), ("early_stopping_rounds", "0"),
        ("monotone_constraints", "1,0"), ("eval_metric", "error@high"), ("alpha", "nan"),
    ):  # fmt: skip
        settings = SETTINGS["binary"] | {name: value}
        yield _request(f"{name}={value}", values, hyperparameters=settings)
    for name in (
        "n_estimators",
        "silent",
        "device",
        "enable_categorical",
        "random_state",
        "num_rounds",
        "early_stopping",
    ):
        yield _request(f"unknown {name}", values, source="failure 8", hyperparameters=SETTINGS["binary"] | {name: "1"})
    yield _request("no num_round", values, source="failure 9", hyperparameters={"objective": "binary:logistic"})
    yield _request("no hyperparameters", values, source="failure 9", hyperparameters={})
    settings = {"num_round": "5", "objective": "multi:softmax"}
    yield _request("no num_class", values, kind="classes", hyperparameters=settings)
    yield _request("num_class of 1", values, kind="classes", hyperparameters=settings | {"num_class": "1"})
    yield _request(
        "auc for a regression",
        values,
        kind="regression",
        hyperparameters=SETTINGS["regression"] | {"eval_metric": "auc"},
    )
    yield _request(
        "auc for softprob",
        values,
        kind="classes",
        hyperparameters=SETTINGS["classes"] | {"objective": "multi:softprob", "eval_metric": "auc"},
    )
    yield _request("eval_metric without objective", values, hyperparameters={"num_round": "5", "eval_metric": "rmse"})
    settings = SETTINGS["binary"] | {"monotone_constraints": "(1, 0, 0, 0, 0, 0)"}
    yield _request("constraints without a tree method", values, hyperparameters=settings)
    settings = SETTINGS["binary"] | {"monotone_constraints": "(1, 0, 0, 0, 0, 0, 0, 1)", "tree_method": "hist"}
    yield _request("more constraints than columns", "hyperparameters.data", hyperparameters=settings)
    settings = SETTINGS["binary"] | {"booster": "gblinear", "updater": "grow_colmaker"}
    yield _request("tree updater for a linear booster", values, hyperparameters=settings)
    settings = SETTINGS["binary"] | {"eta": "0.1", "learning_rate": "0.2"}
    yield _request("eta twice", values, hyperparameters=settings)
    settings = SETTINGS["binary"] | {"tree_method": "gpu_hist"}
    yield _request("gpu_hist without a GPU", "compute.instance_type", source="failure 27", hyperparameters=settings)
    settings = SETTINGS["binary"] | {"early_stopping_rounds": "5"}
    yield _request("early stopping with nothing to watch", "hyperparameters.data", hyperparameters=settings)


@maker
def channels() -> Iterator[Bad]:
    train = {"train": "s3://corpus/train/"}
    csv = {"train": "text/csv"}
    yield _request(
        "channel called training",
        "channels.channel",
        channels={"training": "s3://corpus/train/"},
        content_types={"training": "text/csv"},
    )
    yield _request("channel called Train", "channels.channel", channels={"Train": "s3://corpus/train/"})
    yield _request(
        "channel called test", "channels.channel", channels=train | {"test": "s3://corpus/train/"}, content_types=csv
    )
    for value in (
        "application/json",
        "CSV",
        "text/csv; label_size=1",
        "text/CSV",
        "application/x-image",
        "text/plain",
        "text/csv;label_size=0",
        "text/csv;label_size=2",
        "application/jsonlines",
    ):
        source = "failure 36" if "label_size=0" in value else ""
        yield _request(
            f"content type {value}",
            "channels.content_type",
            source=source,
            channels=train,
            content_types={"train": value},
        )
    yield _request("content type left out", "channels.content_type", source="failure 2", channels=train)
    yield _request(
        "content type of validation",
        "channels.content_type",
        channels=train | {"validation": "s3://corpus/val/"},
        content_types=csv | {"validation": "application/json"},
        files={HERE: plain(real.binary()).encode(), "val/a.csv": plain(real.binary()[:9]).encode()},
    )
    yield _request("FastFile", "channels.input_mode", channels=train, content_types=csv, input_mode="FastFile")
    yield _request("Pipe for CSV", "channels.input_mode", channels=train, content_types=csv, input_mode="Pipe")
    yield _request(
        "Parquet for an old image",
        "channels.content_type",
        channels=train,
        image_tag="0.90-2",
        content_types={"train": "application/x-parquet"},
    )
    yield _request(
        "validation is training",
        "location.validation",
        silent=True,
        channels=train | {"validation": train["train"]},
        content_types=csv | {"validation": "text/csv"},
    )
    yield _request(
        "validation inside training",
        "location.validation",
        silent=True,
        channels=train | {"validation": "s3://corpus/train/val/"},
        content_types=csv | {"validation": "text/csv"},
        files={HERE: plain(real.binary()).encode(), "train/val/a.csv": plain(real.binary()[:9]).encode()},
    )
    yield _request(
        "no validation data",
        "location.data",
        channels=train | {"validation": "s3://corpus/val/"},
        content_types=csv | {"validation": "text/csv"},
    )
    yield _request(
        "key with two slashes",
        "location.slashes",
        source="failure 15",
        channels={"train": "s3://corpus/a//"},
        content_types=csv,
        files={"a//part.csv": plain(real.binary()).encode()},
    )
    yield _request("no address", "location.data", data_uri="")
    yield _request("a path for an address", "location.data", data_uri="data/train.csv")
    yield _request("a web address", "location.data", data_uri="https://corpus.s3.amazonaws.com/train.csv")


@maker
def others() -> Iterator[Bad]:
    """Algorithms of Amazon's own, and the boosted trees of JumpStart."""
    unlabelled = plain([row[1:] for row in real.binary()]).encode()
    labelled = plain(real.binary()).encode()
    header = b"malignant,a,b,c,d,e,f\n" + labelled
    linear = {"predictor_type": "binary_classifier"}
    groups = {"k": "4", "feature_dim": "6"}

    def other(name: str, algorithm: str, expect: str, body: bytes, value: dict, **more) -> Bad:
        title = f"{name} ({algorithm})"
        return _request(title, expect, files={HERE: body}, algorithm=algorithm, hyperparameters=value, **more)

    yield other("header", "linear-learner", "format.header", header, linear)
    yield other("header", "lightgbm", "format.header", header, {})
    yield other(
        "a word", "linear-learner", "cells.text", labelled.replace(b",0.1184,", b",tall,"), linear, source="failure 11"
    )
    yield other(
        "tuples", "kmeans", "cells.text", unlabelled.replace(b",0.1184,", b",(1),"), groups, source="failure 11"
    )
    yield other("empty label", "linear-learner", "labels.missing", b"\n,".join(labelled.split(b"\n0,", 1)), linear)
    yield other("wrong feature_dim", "kmeans", "hyperparameters.data", unlabelled, groups | {"feature_dim": "7"})
    yield other("more groups than rows", "kmeans", "hyperparameters.data", unlabelled, groups | {"k": "500"})
    yield other(
        "no feature_dim", "pca", "hyperparameters.values", unlabelled, {"num_components": "2"}, source="failure 9"
    )
    pca = {"num_components": "9", "feature_dim": "6", "mini_batch_size": "100"}
    yield other("more components than features", "pca", "hyperparameters.data", unlabelled, pca)
    knn = {"k": "500", "predictor_type": "classifier", "sample_size": "1000", "feature_dim": "6"}
    yield other("more neighbours than rows", "knn", "hyperparameters.data", labelled, knn)
    yield other("no predictor_type", "linear-learner", "hyperparameters.values", labelled, {}, source="failure 9")
    declared = {"channels": {"train": "s3://corpus/train/"}, "content_types": {"train": "csv"}}
    yield other(
        "content type csv", "linear-learner", "channels.content_type", labelled, linear, source="failure 10", **declared
    )
    yield other("CSV", "factorization-machines", "channels.content_type", labelled,
                {"predictor_type": "regressor", "feature_dim": "6", "num_factors": "4"}, **declared | {
                    "content_types": {"train": "text/csv"}})  # fmt: skip


@maker
def images() -> Iterator[Bad]:
    yield _request("image of no version", "image.version", image_tag="2.9-1")
    for tag, objective in (
        ("1", "reg:squarederror"),
        ("0.90-1", "reg:squaredlogerror"),
        ("1.5-1", "reg:absoluteerror"),
        ("1.0-1", "reg:pseudohubererror"),
    ):
        hyperparameters = {"num_round": "5", "objective": objective}
        yield _request(
            f"{objective} in image {tag}",
            "image.objective",
            kind="regression",
            image_tag=tag,
            hyperparameters=hyperparameters,
        )


@maker
def compute() -> Iterator[Bad]:
    for value in ("local", "m5.large", "ml.m5.huge", ""):
        yield _request(f"instance type {value!r}", "compute.instance_type", source="failure 29", instance_type=value)
    yield _request("no instances", "compute.count", instance_count=0)
    yield _request("more instances than rows", "compute.count", instance_count=20)
    yield _request("no time", "compute.time", max_runtime=0)
    yield _request("thirty days", "compute.time", max_runtime=30 * 86400)
    yield _request("a volume of nothing", "compute.disk", source="failure 16", volume_gb=0)
