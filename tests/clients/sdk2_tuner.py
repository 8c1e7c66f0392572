"""SDK v2, hyperparameter tuning of the built-in XGBoost: fit, analytics, best job, best estimator, stop."""

import time

import boto3
import sagemaker
from data import ROLE, as_csv, cancer, check, unique
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter

session = sagemaker.Session()
BUCKET = session.default_bucket()
x, y = cancer()
prefix = unique("tuner")
channels = {}
for name, part in (("train", slice(400)), ("validation", slice(400, None))):
    uri = session.upload_string_as_file_body(as_csv(x[part], y[part]), BUCKET, f"{prefix}/{name}/{name}.csv")
    channels[name] = TrainingInput(uri, content_type="text/csv")
estimator = Estimator(
    sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1"), ROLE, 1, "ml.m5.large",
    output_path=f"s3://{BUCKET}/{prefix}/out", sagemaker_session=session,
    hyperparameters={"objective": "binary:logistic", "num_round": 20},
)  # fmt: skip
ranges = {
    "eta": ContinuousParameter(0.05, 0.5),
    "max_depth": IntegerParameter(1, 6),
    "booster": CategoricalParameter(["gbtree", "dart"]),
}


def tuner(**more):
    settings = {"max_jobs": 5, "max_parallel_jobs": 2, "base_tuning_job_name": "tuner"} | more
    return HyperparameterTuner(estimator, "validation:auc", ranges, objective_type="Maximize", **settings)


first = tuner()
began = time.time()
first.fit(channels, include_cls_metadata=False)
first.wait()
print(f"     five training jobs took {time.time() - began:.1f} s")
described = first.describe()
check(described["HyperParameterTuningJobStatus"] == "Completed", "a tuning job with the Bayesian strategy completes")
check(described["ObjectiveStatusCounters"]["Succeeded"] == 5, "every training job has the objective metric")
table = first.analytics().dataframe()
check(len(table) == 5 and table["FinalObjectiveValue"].between(0.9, 1).all(), "analytics() has a row for each")
best = table.sort_values("FinalObjectiveValue").iloc[-1]
job = boto3.client("sagemaker").describe_training_job(TrainingJobName=first.best_training_job())
value = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}["validation:auc"]
check(abs(value - best["FinalObjectiveValue"]) < 1e-9, "best_training_job() is the one with the highest value")
check(first.best_estimator().hyperparameters()["max_depth"] is not None, "best_estimator() has its hyperparameters")
predictor = first.deploy(1, "ml.m5.large", serializer=CSVSerializer(), endpoint_name=unique("tuner"))
check(0 <= float(predictor.predict(x[400]).decode().strip()) <= 1, "the best model answers")
predictor.delete_endpoint()

second = tuner(strategy="Random", max_jobs=50, max_parallel_jobs=1)
second.fit(channels, wait=False, include_cls_metadata=False)
second.stop_tuning_job()
while second.describe()["HyperParameterTuningJobStatus"] == "Stopping":
    time.sleep(1)
check(second.describe()["HyperParameterTuningJobStatus"] == "Stopped", "a tuning job is stopped")
