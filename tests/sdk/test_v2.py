"""Programs written for version 2 of AWS's SDK, with their import changed."""

import re
from pathlib import Path

import numpy as np
import pytest

import sagewright.v2 as sagemaker
from sagewright.v2 import image_uris
from sagewright.v2.deserializers import CSVDeserializer, JSONDeserializer
from sagewright.v2.estimator import Estimator
from sagewright.v2.inputs import TrainingInput
from sagewright.v2.serializers import CSVSerializer, JSONSerializer
from sagewright.v2.sklearn import SKLearn, SKLearnModel

pytestmark = pytest.mark.stack
TRAIN = """
import argparse, os
import joblib
import numpy as np
from sklearn.linear_model import LinearRegression

def model_fn(folder):
    return joblib.load(os.path.join(folder, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit-intercept", type=int, default=1)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    args = parser.parse_args()
    rows = np.loadtxt(os.path.join(args.train, "train.csv"), delimiter=",")
    model = LinearRegression(fit_intercept=bool(args.fit_intercept)).fit(rows[:, 1:], rows[:, 0])
    print(f"score={model.score(rows[:, 1:], rows[:, 0])};")
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""


@pytest.fixture(scope="module")
def session(account):
    return sagemaker.Session()


@pytest.fixture(scope="module")
def train(session, tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("v2") / "train.csv"
    file.write_text("".join(f"{2 * a + b},{a},{b}\n" for a in range(9) for b in range(9)))
    return session.upload_data(str(file), key_prefix="v2/train")


def test_the_usual_beginning_of_a_notebook(session, train):
    bucket, region, role = session.default_bucket(), session.boto_region_name, sagemaker.get_execution_role()
    assert (bucket, region) == ("sagemaker-us-east-1-123456789012", "us-east-1")
    assert role == "arn:aws:iam::123456789012:role/SageMakerRole"
    assert train == f"s3://{bucket}/v2/train/train.csv"
    assert image_uris.retrieve("sklearn", region, "1.2-1").endswith("/sagemaker-scikit-learn:1.2-1-cpu-py3")


def test_a_built_in_algorithm(session, train, capsys):
    image = image_uris.retrieve(framework="xgboost", region=session.boto_region_name, version="1.7-1")
    estimator = Estimator(
        image, sagemaker.get_execution_role(), instance_count=1, instance_type="ml.m5.large",
        output_path=f"s3://{session.default_bucket()}/v2/out", sagemaker_session=session,
    )  # fmt: skip
    estimator.set_hyperparameters(objective="reg:squarederror", num_round=40)
    estimator.fit({"train": TrainingInput(train, content_type="text/csv")})
    printed = capsys.readouterr().out
    assert "train-rmse" in printed and re.search(r"Billable seconds: \d", printed)
    predictor = estimator.deploy(1, "ml.m5.large", serializer=CSVSerializer(), deserializer=CSVDeserializer())
    ((value,),) = predictor.predict(np.array([[4.0, 4.0]]))
    assert abs(float(value) - 12) < 1
    predictor.delete_endpoint()
    predictor.delete_model()
    name = estimator.latest_training_job.name
    assert Estimator.attach(name).hyperparameters() == {"objective": "reg:squarederror", "num_round": "40"}
    estimator.set_hyperparameters(num_round="many")
    with pytest.raises(sagemaker.exceptions.UnexpectedStatusException, match="num_round") as raised:
        estimator.fit({"train": TrainingInput(train, content_type="text/csv")}, logs=False)
    assert raised.value.actual_status == "Failed"


def test_a_script_of_scikit_learn(session, train, tmp_path, capsys):
    (tmp_path / "train.py").write_text(TRAIN)
    estimator = SKLearn(
        entry_point=str(tmp_path / "train.py"), framework_version="1.2-1", instance_type="ml.m5.large",
        role=sagemaker.get_execution_role(), sagemaker_session=session, hyperparameters={"fit-intercept": 0},
        metric_definitions=[{"Name": "score", "Regex": "score=(.*?);"}], py_version="py3",
    )  # fmt: skip
    estimator.fit({"train": train.rpartition("/")[0]}, wait=False)
    estimator.latest_training_job.wait(logs="None")
    assert estimator.latest_training_job.job_name == estimator.latest_training_job.name
    assert estimator.latest_training_job.metrics["score"] > 0.999
    predictor = estimator.deploy(initial_instance_count=1, instance_type="ml.m5.large")
    assert predictor.predict(np.array([[4.0, 4.0]])).round(3).tolist() == [12.0]
    assert predictor.endpoint == predictor.endpoint_name
    predictor.delete_model()
    predictor.delete_endpoint()
    model = SKLearnModel(
        model_data=estimator.model_data, role=estimator.role, entry_point=str(tmp_path / "train.py"),
        framework_version="1.2-1", sagemaker_session=session,
    )  # fmt: skip
    transformer = model.transformer(assemble_with="Line", accept="text/csv")
    transformer.transform(
        session.upload_string_as_file_body("7,4,4\n8,1,0\n", session.default_bucket(), "v2/batch/rows.csv"),
        content_type="text/csv", split_type="Line", input_filter="$[1:]", join_source="Input", output_filter="$[0,-1]",
    )  # fmt: skip
    assert "MaxConcurrentTransforms=1" in capsys.readouterr().out
    folder = session.download_data(str(tmp_path / "out"), *transformer.output_path.removeprefix("s3://").split("/", 1))
    rows = [line.split(",") for line in Path(folder[0]).read_text().splitlines()]
    assert [(number, round(float(value), 3)) for number, value in rows] == [("7", 12.0), ("8", 2.0)]
    with pytest.raises(sagemaker.exceptions.UnexpectedStatusException, match="ClientError: See job logs"):
        transformer.transform(train, content_type="image/png", logs=False)
    transformer.delete_model()
    predictor = model.deploy(1, "ml.m5.large", serializer=JSONSerializer(), deserializer=JSONDeserializer())
    assert [round(value, 3) for value in predictor.predict([[4, 4], [1, 0]])] == [12.0, 2.0]
    predictor.delete_endpoint()
