"""Training jobs that must fail, each with the container's own words."""

import gzip
from dataclasses import replace

import numpy as np
import pytest

import algorithms
from algorithms.spec import AlgorithmFailure, Channel, InvalidHyperparameters, UserError

from .tables import as_csv, as_libsvm


def refusal(job, **settings) -> str:
    with pytest.raises(UserError) as caught:
        job.train(**settings)
    assert not job.model_dir.exists()
    return str(caught.value)


@pytest.fixture
def good(job, iris):
    job.put("train", as_csv(iris.x, iris.y))
    return job


def test_the_train_channel_must_be_called_train(job, iris):
    job.put("training", as_csv(iris.x, iris.y))
    assert refusal(job) == "Missing required channel: train"


def test_a_channel_too_many(good, iris):
    good.put("test", as_csv(iris.x, iris.y))
    assert refusal(good) == "Extraneous channel found: test"


@pytest.mark.parametrize("content_type", ["application/json", "CSV", "text/csv; label_size=1", "text/plain"])
def test_a_content_type_the_container_does_not_know(job, iris, content_type):
    job.put("train", as_csv(iris.x, iris.y), content_type=content_type)
    assert refusal(job) == (
        f"Channel configuration for 'train' channel is not supported: {{'ContentType': '{content_type}', "
        "'RecordWrapperType': 'None', 'S3DistributionType': 'FullyReplicated', 'TrainingInputMode': 'File'}"
    )


def test_a_label_size_other_than_one(job, iris):
    job.put("train", as_csv(iris.x, iris.y), content_type="text/csv;label_size=0")
    assert refusal(job) == (
        "text/csv;label_size=0 is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
    )


@pytest.mark.parametrize("content_type", ["csv", "text/csv", "text/csv;label_size=1"])
def test_the_ways_to_say_csv(job, iris, content_type):
    job.put("train", as_csv(iris.x, iris.y), content_type=content_type)
    assert job.train().exists()


def test_fast_file_mode_is_refused_and_pipe_mode_for_csv_too(job, iris):
    job.put("train", as_csv(iris.x, iris.y), input_mode="FastFile")
    assert "'TrainingInputMode': 'FastFile'}" in refusal(job)
    job.channels["train"].input_mode = "Pipe"
    assert refusal(job) == "Pipe mode for CSV is no longer supported. Please use Fast File mode (default) instead."
    job.channels["train"].content_type = None
    assert refusal(job).startswith(
        "Channel configuration for 'train' channel is not supported: {'ContentType': 'text/libsvm'"
    )


def test_no_data(good, job):
    good.channels["validation"] = Channel("validation", good.folder / "nowhere", "text/csv")
    assert refusal(good) == "No data in validation channel path /opt/ml/input/data/validation"
    good.channels["train"].path = good.folder / "nowhere"
    assert refusal(good) == "No data in training channel path /opt/ml/input/data/train"


def test_hyperparameters_are_checked_before_channels(job):
    with pytest.raises(InvalidHyperparameters, match="^Hyperparameter eta: 1.5 is not in"):
        job.train(eta=1.5)


@pytest.mark.parametrize("content_type", ["text/csv", "text/csv;label_size=1"])
def test_a_first_line_without_end_is_named_at_once(job, content_type):
    job.put("train", "1," + "2," * 500_000 + "3\n", content_type=content_type, name="wide.csv")
    assert refusal(job).startswith("The first line of file 'wide.csv' is longer than 1,000,000 bytes")


def test_a_header_row(job):
    job.put("train", "label,age,income\n1,2,3\n0,3,4\n", name="train.csv")
    assert refusal(job) == (
        "Non-numeric value 'l' found in the header line 'label,age,income...' of file 'train.csv'. CSV format require "
        "no header line in it. If header line is already removed, XGBoost does not accept non-numeric value "
        "in the data."
    )


def test_a_header_row_in_the_second_file_only(job, iris):
    job.put("train", as_csv(iris.x, iris.y), name="1.csv")
    job.put("train", "y,a,b,c,d\n" + as_csv(iris.x, iris.y), name="2.csv")
    assert "in the header line 'y,a,b,c,d...' of file '2.csv'" in refusal(job)


def test_csv_without_a_content_type_is_bad_libsvm(job, iris):
    job.put("train", as_csv(iris.x, iris.y), name="train.csv", content_type=None)
    line = as_csv(iris.x, iris.y).split("\n")[0]
    assert refusal(job) == (
        f"First line '{line[:50]}...' of file 'train.csv' is not 'LIBSVM' format. "
        "Please ensure the file is in 'LIBSVM' format."
    )


def test_a_negative_libsvm_index(job):
    job.put("train", "1 0:1 1:2\n0 -3:1 2:2\n", content_type="libsvm")
    text = refusal(job)
    assert text.startswith("Failed to load libsvm data with exception:\n") and "sign == true (0 vs. 1)" in text
    assert "Stack trace" not in text


def test_one_column_or_a_packed_file_has_no_delimiter(job):
    path = job.put("train", "1\n2\n3\n")
    assert refusal(job).startswith("Could not determine delimiter on line 1:\n")
    path.write_bytes(gzip.compress(b"1,2,3\n" * 9))
    assert "set CompressionType to Gzip" in refusal(job)


def test_infinity(job, iris):
    x = iris.x.copy()
    job.put("train", as_csv(x, iris.y).replace("\n", ",inf\n", 1).replace("\n", ",1\n").replace("inf,1\n", "inf\n", 1))
    assert "Input data contains `inf` or a value too large" in refusal(job)


def test_an_empty_label(job, iris):
    rows = as_csv(iris.x, iris.y).split("\n")
    rows[7] = rows[7][rows[7].index(",") :]
    job.put("train", "\n".join(rows))
    text = refusal(job)
    assert text.startswith("Got input data without labels. Please check the input data set.") and "Row 8 of" in text


def test_files_and_channels_of_different_widths(job, iris):
    job.put("train", as_csv(iris.x, iris.y), name="1.csv")
    second = job.put("train", as_csv(iris.x[:, :3], iris.y), name="2.csv")
    assert refusal(job).startswith(
        "Failed to load csv data with exception:\nfile '2.csv' has 4 columns, file '1.csv' has 5"
    )
    second.unlink()
    job.put("validation", as_csv(iris.x[:, :3], iris.y))
    assert (
        refusal(job) == "feature_names mismatch: the train channel has 4 columns of features, the validation channel 3."
    )


@pytest.mark.parametrize(
    ("labels", "settings", "text"),
    [
        ((0, 1.5), {"objective": "binary:logistic"}, "label must be in [0,1] for logistic regression"),
        ((1, 2), {"objective": "binary:logistic"}, "base_score must be in (0,1) for logistic loss, got: 1.5"),
        ((-1, 1), {"objective": "binary:logistic"}, "base_score must be in (0,1) for logistic loss, got: 0"),
        (
            (1, 1),
            {"objective": "binary:logistic"},
            "The labels must be 0 or 1, in the first column, and both must occur.",
        ),
        (
            (1, 3),
            {"objective": "multi:softprob", "num_class": 3},
            "SoftmaxMultiClassObj: label must be in [0, num_class)",
        ),
        ((-1, 1), {"objective": "count:poisson"}, "PoissonRegression: label must be nonnegative"),
        ((-1, 2), {"objective": "reg:tweedie"}, "TweedieRegression: label must be nonnegative"),
        ((0, 1), {"objective": "reg:gamma"}, "label must be positive for gamma regression."),
        ((-3, 1), {"objective": "reg:squaredlogerror"}, "label must be greater than -1 for rmsle"),
        ((0, 2), {"objective": "rank:map"}, "map can only be used with binary labels"),
        (
            (0, 2),
            {"objective": "multi:softmax", "num_class": 3, "eval_metric": "f1_binary"},
            "Target is multiclass but average='binary'",
        ),
    ],
)
def test_labels_that_do_not_fit_the_objective(job, iris, labels, settings, text):
    y = np.where(np.arange(len(iris.y)) % 2, *labels)
    job.put("train", as_csv(iris.x, y))
    result = refusal(job, **settings)
    assert text in result and "Stack trace" not in result


def test_a_gpu_is_asked_for_in_vain(good):
    assert refusal(good, tree_method="gpu_hist").startswith("Hyperparameter tree_method: gpu_hist needs a GPU")
    assert "Dask training is only available for 'hist' (or 'gpu_hist') training on GPU instances." in refusal(
        good, use_dask_gpu_training="true"
    )


def test_what_is_not_the_users_fault_is_an_algorithm_error(good):
    with pytest.raises(AlgorithmFailure, match="^XGB train call failed with exception:\n .*Unknown objective function"):
        good.train(objective="aft_loss_distribution")


def test_more_folds_than_rows(job):
    job.put("train", "1,2,3\n0,3,4\n")
    assert "cannot cut 2 rows into 5 folds" in refusal(job, _kfold=5)


def test_broken_recordio(job):
    job.put("train", b"not recordio at all", content_type="recordio-protobuf")
    assert refusal(job).startswith("Failed to load recordio-protobuf data with exception:\n")


def test_libsvm_with_a_wider_validation_channel(job, iris):
    job.put("train", as_libsvm(iris.x[:, :2], iris.y), content_type="libsvm")
    job.put("validation", as_libsvm(iris.x, iris.y), content_type="libsvm")
    assert refusal(job).startswith("feature_names mismatch")


def test_the_trainer_is_found_by_the_catalogue():
    from algorithms.xgboost.train import train

    assert algorithms.get("xgboost").load_trainer() is train


@pytest.mark.parametrize(
    ("settings", "environment", "text"),
    [
        ({"booster": "gblinear"}, {}, "booster: gblinear trains on one instance only"),
        ({"tree_method": "exact"}, {}, "tree_method: Exact splits are found on one instance only"),
        ({"_kfold": 2}, {}, "_kfold: Cross-validation runs on one instance only"),
        ({}, {"SAGEWRIGHT_FOLDS": "5"}, "SAGEWRIGHT_FOLDS: folds choose the rounds on one instance only"),
        ({}, {"SAGEWRIGHT_REFIT": "true"}, "SAGEWRIGHT_REFIT: the channel validation is ShardedByS3Key and train is"),
    ],
    ids=["linear", "exact", "cross-validation", "folds", "shares"],
)
def test_what_several_instances_cannot_do_is_refused_by_name(good, iris, settings, environment, text):
    good.put("validation", as_csv(iris.x, iris.y), is_sharded=True)
    context = replace(good.context(**settings), hosts=("algo-1", "algo-2"), environment=environment)
    with pytest.raises(UserError, match=text):
        algorithms.get("xgboost").load_trainer()(context)
