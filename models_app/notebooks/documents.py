"""Notebook files whose first cells load something of the console: a model, a training job, a folder of a bucket."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.models import Model, TrainingJob

# Those in `engine/notebooks/examples/`, each with what it shows.
EXAMPLES = (
    ("examples/1 boto3 from zero.ipynb", gettext_lazy("A bucket, a training job, an endpoint, a prediction")),
    (
        "examples/2 XGBoost with the SageMaker SDK.ipynb",
        gettext_lazy("Role, default bucket, fit(), deploy(), predict()"),
    ),
    ("examples/3 A class of your own.ipynb", gettext_lazy("train() and predict() in a cell, trained and deployed")),
    ("examples/4 ModelTrainer and ModelBuilder.ipynb", gettext_lazy("Version 3 of the SageMaker SDK")),
)
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Document:
    """A file for a notebook instance: its path there, what it is called for a person, and its content.

    An example is there already: it has no content.
    """

    path: str
    title: str
    content: dict | None


def find(what: str) -> Document | None:
    """The document of `what`: "model:NAME", "job:NAME", "s3:BUCKET/KEY" or "example:NUMBER"; None for anything else."""
    kind, _colon, name = what.partition(":")
    if kind == "example":
        number = int(name) if name.isdecimal() and len(name) == 1 else 0
        return _example(number) if 1 <= number <= len(EXAMPLES) else None
    if kind == "model" and (model := Model.objects.select_related("job", "endpoint").filter(name=name).first()):
        return _of_model(model)
    if kind == "job" and (job := TrainingJob.objects.filter(name=name).first()):
        return Document(f"{_safe(name)}.ipynb", _("Job %(name)s") % {"name": name}, _file(*_job_cells(job.name)))
    if kind == "s3" and name.partition("/")[0]:
        return _of_objects(name)
    return None


def examples() -> list[tuple[str, str, str]]:
    """(what `find` takes, title, what it shows) of each example that an instance of the engine has."""
    return [
        (f"example:{number}", _example(number).title, str(text)) for number, (_path, text) in enumerate(EXAMPLES, 1)
    ]


def _example(number: int) -> Document:
    path, _text = EXAMPLES[number - 1]
    return Document(path, path.partition(" ")[2].removesuffix(".ipynb"), None)


def _of_model(model: Model) -> Document:
    title = _("Model %(name)s") % {"name": model.name}
    cells = [("markdown", f"# {model.name}\nWhat it learned from, how it was trained, what came out, and predictions.")]
    if model.job:
        cells += _job_cells(model.job.name)
    else:
        cells += _object_cells(model.data_uri)
    if model.endpoint:
        cells += [
            ("markdown", "## Predict"),
            (
                "code",
                "# One row of features, in the order of the training data without the label.\n"
                f"endpoint = {model.endpoint.name!r}\n"
                "row = data.iloc[0, 1:]\n"
                'answer = boto3.client("sagemaker-runtime").invoke_endpoint(\n'
                '    EndpointName=endpoint, ContentType="text/csv", Body=",".join(map(str, row))\n'
                ")\n"
                'answer["Body"].read().decode()',
            ),
        ]
    return Document(f"{_safe(model.name)}.ipynb", title, _file(*cells))


def _job_cells(name: str) -> list[tuple[str, str]]:
    return [
        (
            "code",
            "import io\nimport tarfile\n\nimport boto3\nimport pandas as pd\n\n"
            's3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")\n'
            f"job = sagemaker.describe_training_job(TrainingJobName={name!r})\n"
            'settings = {"status": job["TrainingJobStatus"], **job.get("HyperParameters", {})}\n'
            'pd.Series(settings, name="settings").to_frame()',
        ),
        ("markdown", "## The training data"),
        (
            "code",
            'source = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]\n'
            'bucket, _, prefix = source.removeprefix("s3://").partition("/")\n'
            'objects = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])\n'
            'keys = [o["Key"] for o in objects if o["Size"]]\n'
            'body = s3.get_object(Bucket=bucket, Key=keys[0])["Body"]\n'
            "data = pd.read_csv(body, header=None)  # the label is the first column\n"
            "data.head()",
        ),
        ("markdown", "## How well it does"),
        (
            "code",
            'metrics = pd.DataFrame(job.get("FinalMetricDataList", []), columns=["MetricName", "Value", "Timestamp"])\n'
            'metrics.set_index("MetricName")[["Value"]]',
        ),
        ("markdown", "## The trained model"),
        (
            "code",
            'artifact = job["ModelArtifacts"]["S3ModelArtifacts"]\n'
            'bucket, _, key = artifact.removeprefix("s3://").partition("/")\n'
            'packed = io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())\n'
            'with tarfile.open(fileobj=packed, mode="r:gz") as archive:\n'
            '    archive.extraction_filter = getattr(tarfile, "data_filter", None)  # from Python 3.11.4 on\n'
            '    archive.extractall("model")\n'
            "    files = archive.getnames()\n"
            "files",
        ),
    ]


def _of_objects(address: str) -> Document:
    name = address.rstrip("/").rpartition("/")[2] or address
    cells = [("markdown", f"# s3://{address}"), *_object_cells(f"s3://{address}")]
    return Document(f"{_safe(name)}.ipynb", f"s3://{address}", _file(*cells))


def _object_cells(uri: str) -> list[tuple[str, str]]:
    return [
        (
            "code",
            f"import boto3\nimport pandas as pd\n\nsource = {uri!r}\n"
            's3 = boto3.client("s3")\n'
            'bucket, _, prefix = source.removeprefix("s3://").partition("/")\n'
            'objects = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])\n'
            'pd.DataFrame(objects, columns=["Key", "Size", "LastModified"])',
        ),
        (
            "code",
            'readers = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}\n'
            'table = next((o["Key"] for o in objects if o["Key"].rpartition(".")[2] in readers), None)\n'
            "if table:\n"
            '    s3.download_file(bucket, table, "table")\n'
            '    data = readers[table.rpartition(".")[2]]("table")\n'
            "    display(data.head())",
        ),
    ]


def _file(*cells: tuple[str, str]) -> dict:
    """A notebook file with these (kind, text) cells."""
    content: list[dict] = []
    for number, (kind, text) in enumerate(cells):
        cell: dict = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text}
        content.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3 (SageMaker SDK v2)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": content, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _safe(name: str) -> str:
    """`name` as a file can be called, without a dot in front."""
    return UNSAFE.sub("-", name).strip("-.")[:80] or "notebook"
