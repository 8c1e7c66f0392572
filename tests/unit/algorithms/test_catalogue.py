"""The catalogue: what there is, how images name it, what each part says of itself."""

import re
import subprocess
import sys

import pytest

import algorithms
from algorithms.spec import Algorithm, Integer, InvalidValue

XGBOOST = algorithms.get("xgboost")


@pytest.mark.parametrize(
    "image",
    [
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-xgboost:1.7-1",
        "000000000000.dkr.ecr.mars-1.example/sagemaker-xgboost:1.0-1-cpu-py3",
        "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1",
        "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest",
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost@sha256:0123456789abcdef",
        "localhost:5000/sagemaker-xgboost:3.0-5@sha256:0123456789abcdef",
        "xgboost:1",
    ],
)
def test_every_xgboost_image_means_xgboost(image):
    assert algorithms.for_image(image) is XGBOOST


@pytest.mark.parametrize(
    "image",
    ["811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1", "a/sagemaker-xgboost-neo:1", "xgboost/my-own:1", ""],
)
def test_other_images_mean_nothing_we_know(image):
    assert algorithms.for_image(image) is None


@pytest.mark.parametrize(
    ("algorithm", "published", "invented"),
    [
        (
            "xgboost",
            ("", "1", "latest", "0.90-2", "1.7-1", "1.0-1-cpu-py3", "3.0-5", "3.2-0"),
            ("1.7", "1.7-9", "3", "x"),
        ),
        ("linear-learner", ("", "1", "latest"), ("2", "1.0", "newest")),
    ],
)
def test_tags_are_those_that_aws_published(algorithm, published, invented):
    version = algorithms.get(algorithm).container.version
    assert all(version(tag) for tag in published)
    assert not any(version(tag) for tag in invented)


def test_an_image_of_another_version_says_what_takes_its_place():
    def substitution(image):
        return XGBOOST.images.substitution(f"683313688378.dkr.ecr.us-east-1.amazonaws.com/{image}")

    assert substitution("sagemaker-xgboost:3.0-5") == substitution("sagemaker-xgboost") == ""
    others = ("sagemaker-xgboost:3.2-0", "sagemaker-xgboost:latest", "xgboost:latest", "sagemaker-xgboost@sha256:0123")
    for image in others:
        text = f"{image} is not available here; sagemaker-xgboost:3.0-5 takes its place, and results may differ."
        assert substitution(image) == text
    assert algorithms.get("pca").images.substitution("382416733822.dkr.ecr.us-east-1.amazonaws.com/pca:latest") == ""


def test_the_image_of_a_region_is_the_sdks():
    assert XGBOOST.image_uri("us-east-1") == "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    assert XGBOOST.image_uri("eu-west-1") == "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    assert XGBOOST.image_uri("cn-north-1").endswith(".amazonaws.com.cn/sagemaker-xgboost:3.0-5")
    assert XGBOOST.image_uri("nowhere-1").startswith("683313688378.dkr.ecr.nowhere-1.")


def test_an_unknown_algorithm_is_named_in_the_error():
    with pytest.raises(KeyError, match="no algorithm 'word2vec'; there are: xgboost"):
        algorithms.get("word2vec")


@pytest.mark.parametrize("algorithm", algorithms.ALGORITHMS.values(), ids=lambda a: a.name)
def test_every_help_text_is_a_sentence_for_a_person(algorithm: Algorithm):
    for h in algorithm.hyperparameters:
        assert re.fullmatch(r"[A-Z][^\n]{14,118}\.", h.help), f"{h.name}: {h.help!r}"
        assert h.title and h.describe_range() and h.group in ("basic", "advanced")
    for channel in algorithm.channels:
        assert re.fullmatch(r"[A-Z].{10,}\.", channel.help)


@pytest.mark.parametrize("algorithm", algorithms.ALGORITHMS.values(), ids=lambda a: a.name)
def test_every_default_and_suggested_range_is_itself_acceptable(algorithm: Algorithm):
    for h in algorithm.hyperparameters:
        if h.default is not None:
            h.parse(str(h.default))
        if h.tunable:
            assert h.suggested and h.parse(str(h.suggested[0])) <= h.parse(str(h.suggested[1]))
    names = [h.name for h in algorithm.hyperparameters]
    assert len(names) == len(set(names))
    assert all(h.needs[0] in names for h in algorithm.hyperparameters if h.needs)


def test_metric_definitions_read_the_log_lines():
    line = "[98]#011train-error:0.036286#011validation-error:0.063"
    regexes = {d["Name"]: d["Regex"] for d in XGBOOST.metric_definitions()}
    assert re.search(regexes["validation:error"], line)[1] == "0.063"
    assert re.search(regexes["train:error"], line)[1] == "0.036286"
    assert not re.search(regexes["validation:auc"], line)
    assert {m.goal for m in XGBOOST.metrics if m.name in ("validation:auc", "validation:f1")} == {"max"}
    assert {m.goal for m in XGBOOST.metrics if m.name in ("validation:rmse", "validation:mse")} == {"min"}


def test_ranges_are_said_in_words():
    words = {h.name: h.describe_range() for h in XGBOOST.hyperparameters}
    assert words["eta"] == "0 to 1"
    assert words["num_round"] == "1 or more"
    assert words["subsample"] == "above 0, up to 1"
    assert words["tweedie_variance_power"] == "above 1 and below 2"
    assert words["booster"] == "gbtree, gblinear or dart"
    assert Integer(name="n", help="").describe_range() == "any number"
    assert Integer(name="n", help="", high=3).describe_range() == "3 or less"


def test_a_whole_number_is_not_a_rounded_one():
    with pytest.raises(InvalidValue):
        Integer(name="n", help="").parse(6.0)


def test_importing_the_catalogue_imports_no_library():
    code = (
        "import sys, algorithms; "
        "names = 'numpy xgboost lightgbm catboost pandas polars pyarrow scipy sklearn orjson django'.split(); "
        "print([m for m in names if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_lean_import_leaves_sklearn_out_but_importable():
    code = (
        "import sys; from algorithms.library_imports import import_xgboost; x = import_xgboost(); "
        "assert 'sklearn' not in sys.modules and 'pandas' not in sys.modules; "
        "assert import_xgboost() is x; import sklearn; print(x.__version__)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).startswith("3.")
