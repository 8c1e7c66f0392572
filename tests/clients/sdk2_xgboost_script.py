"""SDK v2: the XGBoost framework in script mode; a model with an inference script of its own, repacked by the SDK."""

import os
import time

import sagemaker
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.serializers import CSVSerializer, JSONSerializer
from sagemaker.sklearn.model import SKLearnModel
from sagemaker.xgboost.estimator import XGBoost
from sagemaker.xgboost.model import XGBoostModel

from data import ROLE, as_csv, cancer, check, unique

session = sagemaker.Session()
bucket = session.default_bucket()
source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "xgboost_source")
x, y = cancer()
train = session.upload_string_as_file_body(as_csv(x[:400], y[:400]), bucket, f"{unique('xgb')}/train/train.csv")

estimator = XGBoost(
    entry_point="train.py",
    source_dir=source,
    framework_version="1.7-1",
    hyperparameters={"max_depth": 3, "num_round": 10, "objective": "binary:logistic"},
    role=ROLE,
    instance_count=1,
    instance_type="ml.m5.large",
    sagemaker_session=session,
)
estimator.fit({"train": train}, logs=False)
job = estimator.latest_training_job.describe()
check(job["TrainingJobStatus"] == "Completed", "XGBoost's script completes")
check("FinalMetricDataList" not in job, "the built-in algorithm's metrics are not looked for")

model = XGBoostModel(
    model_data=estimator.model_data,
    role=ROLE,
    entry_point="inference.py",
    source_dir=source,
    framework_version="1.7-1",
    sagemaker_session=session,
)
began = time.time()
predictor = model.deploy(1, "ml.m5.large", serializer=CSVSerializer(), deserializer=CSVDeserializer())
print(f"     deploy took {time.time() - began:.1f} s")
answer = [float(row[0]) for row in predictor.predict(x[400:430])]
right = sum((answer[n] > 0.5) == y[400 + n] for n in range(30))
check(len(answer) == 30 and right > 25, "predictions of a DMatrix")
predictor.delete_model()
predictor.delete_endpoint()

# A model of one's own: SKLearnModel repacks model.tar.gz with the code at code/.
code = os.path.join(os.path.dirname(os.path.abspath(__file__)), "own_source")
own = SKLearnModel(
    model_data=estimator.model_data,
    role=ROLE,
    entry_point="serve.py",
    source_dir=code,
    framework_version="1.2-1",
    sagemaker_session=session,
)
predictor = own.deploy(1, "ml.m5.large", serializer=JSONSerializer(), deserializer=JSONDeserializer())
answer = predictor.predict({"rows": x[400:402].tolist()})
check(len(answer["scores"]) == 2 and answer["by"] == "own", "own functions answer with their own format")
check(answer["humanized"] == "1.0k", "a package of code/requirements.txt is there")
try:
    predictor.predict({"nothing": 1})
    check(False, "an error of the script's own has its own status")
except predictor.sagemaker_session.sagemaker_runtime_client.exceptions.ModelError as e:
    answer = e.response["OriginalStatusCode"], e.response["OriginalMessage"]
    check(answer == (422, "give rows"), "an error of the script's own has its own status")
predictor.delete_model()
predictor.delete_endpoint()
