"""SDK v2, script mode with scikit-learn: fit, metrics, output, deploy, predict in three formats; a failing script."""

import json
import os
import tarfile
import tempfile
import time

import boto3
import sagemaker
from data import ROLE, as_csv, cancer, check, unique
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.serializers import CSVSerializer, JSONSerializer
from sagemaker.sklearn.estimator import SKLearn

session = sagemaker.Session()
BUCKET = session.default_bucket()
x, y = cancer()
prefix = unique("sklearn")
train = session.upload_string_as_file_body(as_csv(x[:400], y[:400]), BUCKET, f"{prefix}/train/train.csv")
validation = session.upload_string_as_file_body(as_csv(x[400:], y[400:]), BUCKET, f"{prefix}/validation/validation.csv")


def estimator(**hyperparameters):
    return SKLearn(
        entry_point="train.py",
        source_dir=os.path.join(os.path.dirname(os.path.abspath(__file__)), "sklearn_source"),
        framework_version="1.2-1",
        instance_type="ml.m5.large",
        instance_count=1,
        role=ROLE,
        sagemaker_session=session,
        base_job_name="sklearn-script",
        hyperparameters={"n-estimators": 20, "note": "two words", **hyperparameters},
        metric_definitions=[{"Name": "validation:accuracy", "Regex": "validation-accuracy=([0-9.]+);"}],
    )


first = estimator()
began = time.time()
first.fit({"train": train, "validation": validation}, logs=True)
print(f"     fit took {time.time() - began:.1f} s")
job = first.latest_training_job.describe()
check(job["TrainingJobStatus"] == "Completed", "the script's job completes")
check(job["FinalMetricDataList"][0]["Value"] > 0.9, "its metric is read from the log")
with tempfile.TemporaryDirectory() as folder:
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    boto3.client("s3").download_file(BUCKET, output.split("/", 3)[3], f"{folder}/output.tar.gz")
    with tarfile.open(f"{folder}/output.tar.gz") as tar:
        facts = json.load(tar.extractfile("facts.json"))
check(facts["hps"] == {"n-estimators": 20, "note": "two words"}, "SM_HPS has the hyperparameters, decoded")
check(facts["cwd"] == "/opt/ml/code", "the script runs in /opt/ml/code")

began = time.time()
predictor = first.deploy(1, "ml.m5.large", endpoint_name=unique("sklearn"))
print(f"     deploy took {time.time() - began:.1f} s")
began = time.time()
answer = predictor.predict(x[400:410] / 100)
print(f"     first prediction took {time.time() - began:.2f} s")
check(answer.shape == (10,) and (answer == y[400:410]).mean() > 0.7, "predictions as .npy")
predictor.serializer, predictor.deserializer = CSVSerializer(), CSVDeserializer()
check([float(row[0]) for row in predictor.predict(x[400:410] / 100)] == list(answer), "the same as CSV")
predictor.serializer, predictor.deserializer = JSONSerializer(), JSONDeserializer()
check(predictor.predict((x[400:410] / 100).tolist()) == list(answer), "the same as JSON")
try:
    predictor.predict([[1.0, 2.0]])
    check(False, "a wrong row is refused")
except predictor.sagemaker_session.sagemaker_runtime_client.exceptions.ModelError as e:
    check(
        e.response["OriginalStatusCode"] == 500 and "features" in e.response["OriginalMessage"],
        "a wrong row is refused",
    )
predictor.delete_model()
predictor.delete_endpoint()

rows = session.upload_string_as_file_body(as_csv(x[400:] / 100, range(169)), BUCKET, f"{prefix}/batch/rows.csv")
transformer = first.transformer(1, "ml.m5.large", strategy="MultiRecord", assemble_with="Line", accept="text/csv")
began = time.time()
transformer.transform(
    rows, content_type="text/csv", split_type="Line", input_filter="$[1:]", join_source="Input", output_filter="$[0,-1]"
)
transformer.wait()
print(f"     transform took {time.time() - began:.1f} s")
joined = session.read_s3_file(BUCKET, transformer.output_path.split("/", 3)[3] + "/rows.csv.out")
numbers, labels = zip(*((float(cell) for cell in line.split(",")) for line in joined.splitlines()), strict=True)
check(numbers == tuple(map(float, range(169))), "batch prediction keeps the records in order, joined with their id")
check(list(labels[:10]) == list(answer), "the same predictions as the endpoint's")
transformer.delete_model()

try:
    estimator(fail="True").fit({"train": train, "validation": validation}, logs=False)
    check(False, "a failing script fails its job")
except UnexpectedStatusException as e:
    check("AlgorithmError: ExecuteUserScriptError:\nExitCode 1" in str(e), "a failing script fails its job")
    check('ErrorMessage "ValueError: no such column: amount"' in str(e), "the reason has the script's last error")
