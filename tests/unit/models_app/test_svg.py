"""The small pictures: same numbers, same markup; no gap is bridged; no point is invented."""

import math
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

import algorithms
from common import amounts
from models_app.create.options import metric_choices
from models_app.text import formats
from models_app.web import svg
from models_app.web.svg import Series


def widths(markup: str, cls: str) -> list[float]:
    return [float(w) for w in re.findall(rf'class="{cls}"[^>]*width="([\d.]+)"', markup)]


def test_a_rail_fills_done_stages_whole_and_the_present_one_in_part():
    markup = svg.rail(["done", "now", "wait", "wait"], 70)
    assert widths(markup, "rail__bg") == [15] * 4
    assert widths(markup, "rail__done") == [15]
    assert widths(markup, "rail__now") == [10.5]


@pytest.mark.parametrize(("pct", "width"), [(None, [6.0]), (0, []), (-5, []), (100, [15]), (250, [15])])
def test_a_rail_never_leaves_its_segment(pct, width):
    assert widths(svg.rail(["now", "wait", "wait", "wait"], pct), "rail__now") == width


def test_a_failed_stage_is_red_and_a_stopped_one_is_not():
    assert widths(svg.rail(["done", "fail", "wait", "wait"]), "rail__fail") == [15]
    assert widths(svg.rail(["stop", "wait", "wait", "wait"]), "rail__stop") == [7.2]


def test_a_spark_rises_with_its_values_and_ends_in_a_dot():
    markup = svg.spark([0, 1, 2])
    assert 'd="M2,21 36,12 70,3"' in markup
    assert 'cx="70" cy="3"' in markup
    assert "spark__rest" not in markup


def test_a_spark_of_a_running_job_leaves_the_rest_dotted():
    markup = svg.spark([0, 1], upto=0.5)
    assert 'cx="36"' in markup
    assert "H70" in markup


@pytest.mark.parametrize("values", [[], [None], [math.nan], [math.inf, None]])
def test_nothing_to_draw_draws_nothing(values):
    assert svg.spark(values) == ""
    assert svg.plot([Series("a", [(1, v) for v in values])], title="t", summary="s").svg == ""


def test_one_value_and_equal_values_are_drawn_in_the_middle():
    assert 'cy="12"' in svg.spark([5])
    assert 'd="M2,12 70,12"' in svg.spark([5, 5])


def test_a_gap_stays_a_gap():
    assert svg.path([(0, 0), (1, 1), None, (3, 3), (4, 4)]) == "M0,0 1,1 M3,3 4,4"
    assert svg.path([None, (1, 1), None]) == "M1,1 1,1"


def test_a_histogram_keeps_small_bins_visible_and_empty_ones_empty():
    root = ElementTree.fromstring(svg.hist([1000, 1, 0]))
    assert [float(r.get("height")) for r in root] == [20, 1]
    assert svg.hist([]) == svg.hist([0, 0]) == ""


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.6, 0.96, [0.6, 0.7, 0.8, 0.9, 1.0]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (5, 5, [4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6]),
        (-3, 3, [-4, -2, 0, 2, 4]),
    ],
)
def test_ticks_are_round_and_cover_the_data(low, high, expected):
    ticks = svg.ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert len(ticks) <= 6
    if low != high:
        assert ticks == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1, 1e4, 1e12])
def test_ticks_work_at_every_scale(scale):
    ticks = svg.ticks(0.13 * scale, 0.97 * scale)
    assert 3 <= len(ticks) <= 6
    assert ticks == sorted(set(ticks))


def test_a_plot_is_one_well_formed_picture_with_its_finding_in_words():
    picture = svg.plot(
        [Series("Validation", [(1, 0.6), (2, 0.7)], best=(2, 0.7)), Series("Training", [(1, 0.61), (2, None)], "s2")],
        title="AUC by <round>",
        summary="Best AUC 0.7 & rising",
        x_end=10,
        goal=0.9,
    )
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert root.find("title").text == "AUC by <round>"
    assert root.find("desc").text == "Best AUC 0.7 & rising"
    assert root.get("aria-labelledby").split() == [root.find("title").get("id"), root.find("desc").get("id")]
    assert {"pl-band", "pl-grid", "pl-h goal", "pl-v best", "pl-line s1", "pl-line s2", "pl-dot s1"} <= {
        e.get("class") for e in root
    }
    assert picture.x_labels[-1] == "10"
    assert "style" not in picture.svg


def test_unchanged_data_gives_unchanged_markup():
    def draw():
        return svg.plot([Series("a", [(1, 0.123456), (2, 0.2)])], title="t", summary="s").svg

    assert draw() == draw()


def test_a_long_series_is_thinned_but_keeps_its_spike_and_its_ends():
    points = [(i, 0.0) for i in range(10_000)]
    points[7_777] = (7_777, 1.0)
    thin = svg.thin(points)
    assert len(thin) == svg.MAX_POINTS
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert (7_777, 1.0) in thin


def test_thinning_a_series_with_gaps_keeps_to_the_limit():
    points = [(i, None if i % 7 == 0 else 1.0) for i in range(5_000)]
    assert len(svg.thin(points)) <= svg.MAX_POINTS + 1


def test_a_bar_stays_between_empty_and_full():
    assert [widths(svg.bar(p), "bar__fill") for p in (None, -1, 50, 150)] == [[0], [0], [50], [100]]


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (0.91341, "validation:auc", "0.9134"),
        (0.5, "train-logloss", "0.5000"),
        (0.86949, "accuracy", "0.869"),
        (18.4217, "rmse", "18.42"),
        (123456.7, "validation:rmse", "123,457"),
        (0.00123, "rmse", "0.0012"),
        (None, "auc", "-"),
        (math.nan, "auc", "nan"),
    ],
)
def test_metrics_have_the_decimals_they_deserve(value, name, text):
    assert formats.metric(value, name) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (41, "41 s"),
        (60, "1 min"),
        (372, "6 min 12 s"),
        (7500, "2 h 5 min"),
        (3600, "1 h"),
        (273600, "3 d 4 h"),
        (None, "-"),
    ],
)
def test_durations_are_the_two_largest_units(seconds, text):
    assert amounts.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_400_000, "9.4 MB"),
        (999_950_000, "1.0 GB"),
        (5_300_000_000_000_000_000, "5,300 PB"),
    ],
)
def test_sizes_are_decimal_as_s3_prints_them(count, text):
    assert formats.size(count) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0.00"), (0.004, "under $0.01"), (0.04, "$0.04"), (1234.5, "$1,234.50")]
)
def test_money(amount, text):
    assert amounts.money(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "just now"),
        (61, "1 minute ago"),
        (26 * 60, "26 minutes ago"),
        (50 * 60, "1 hour ago"),
        (86400, "1 day ago"),
        (5.6 * 86400, "6 days ago"),
    ],
)
def test_moments_are_relative_for_a_week(seconds, text):
    today = timezone.now()
    assert formats.ago(today - timedelta(seconds=seconds), today) == text


def test_older_moments_are_dates():
    today = timezone.now().replace(year=2026, month=5, day=12)
    assert formats.ago(today - timedelta(days=9), today) == "2026-05-03"


@pytest.mark.parametrize("name", algorithms.ALGORITHMS)
def test_every_figure_a_model_can_be_judged_by_has_a_title(name):
    algorithm = algorithms.get(name)
    offered = [metric for metric, _label in metric_choices(algorithm)]
    assert [metric for metric in offered if formats.metric_key(metric) not in formats.METRIC_NAMES] == []
    titles = [formats.metric_name(metric) for metric in offered]
    assert len({*titles}) == len(titles)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("validation:auc", "auc"),
        ("train-auc", "auc"),
        ("validation:auc:final", "auc"),
        ("validation:gamma-deviance", "gamma-deviance"),
        ("validation-cox-nloglik", "cox-nloglik"),
        ("my-own-loss", "loss"),
        ("BalancedAccuracy", "balancedaccuracy"),
    ],
)
def test_a_metric_is_known_by_its_name_without_the_channel(name, key):
    assert formats.metric_key(name) == key
