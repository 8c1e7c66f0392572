"""The values that a tuning job tries: scales, seeds, grids, and what is no range."""

import pytest

from engine.tuning.ranges import InvalidRange, Ranges
from engine.tuning.suggest import suggest


def of(low: str, high: str, scale: str = "Auto", kind: str = "Continuous") -> Ranges:
    return Ranges.of(
        {f"{kind}ParameterRanges": [{"Name": "a", "MinValue": low, "MaxValue": high, "ScalingType": scale}]}
    )


@pytest.mark.parametrize(
    ("ranges", "middle"),
    [
        (of("0", "10"), 5.0),
        (of("0.001", "10"), 0.1),
        (of("1", "10"), 5.5),
        (of("0.01", "1", "Logarithmic"), 0.1),
        (of("0.9", "0.999", "ReverseLogarithmic"), 0.99),
        (of("-2", "2", "Linear"), 0.0),
        (of("1", "6", kind="Integer"), 4),
        (of("3", "3"), 3.0),
    ],
    ids=range(8),
)
def test_the_middle_of_a_range_is_that_of_its_scale_and_its_ends_belong_to_it(ranges, middle):
    (one,) = ranges.numbers
    assert float(one.value(0.5)) == pytest.approx(middle)
    assert (float(one.value(0.0)), float(one.value(1.0))) == pytest.approx((one.low, one.high))
    if one.low < one.high and not one.is_integer:
        assert one.position(one.value(0.25)) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("low", "high", "scale", "kind"),
    [
        ("2", "1", "Auto", "Continuous"),
        ("a", "1", "Auto", "Continuous"),
        ("nan", "1", "Auto", "Continuous"),
        ("0.5", "2", "Auto", "Integer"),
        ("0", "1", "Logarithmic", "Continuous"),
        ("0", "1", "ReverseLogarithmic", "Continuous"),
    ],
)
def test_what_is_no_range_is_refused_with_its_name(low, high, scale, kind):
    with pytest.raises(InvalidRange, match="range of a"):
        of(low, high, scale, kind)


def test_points_at_random_follow_from_their_seed_alone():
    ranges = Ranges.of(
        {
            "ContinuousParameterRanges": [{"Name": "a", "MinValue": "0", "MaxValue": "1"}],
            "CategoricalParameterRanges": [{"Name": "b", "Values": ["x", "y"]}],
        }
    )
    assert ranges.random("1:0") == ranges.random("1:0") != ranges.random("1:1")
    assert {ranges.random(str(n))["b"] for n in range(20)} == {"x", "y"}


def test_a_grid_is_every_combination_and_has_no_numbers():
    lists = [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y", "z"]}]
    assert len(list(Ranges.of({"CategoricalParameterRanges": lists}).grid())) == 6
    with pytest.raises(InvalidRange, match="CategoricalParameterRange"):
        of("0", "1").grid()


def test_the_next_point_goes_by_what_was_tried():
    """A model of the values knows that the best is near 0.3, where only 0 and 1 were tried beside it."""
    ranges = of("0", "1")
    tried = [({"a": position}, -((position - 0.3) ** 2)) for position in (0.0, 0.15, 0.45, 0.7, 1.0)]
    assert abs(float(suggest(ranges, tried, 1)[0]["a"]) - 0.3) < 0.1
    several = [float(point["a"]) for point in suggest(ranges, tried, 1, 3)]
    assert len({*several}) == 3
    lists = Ranges.of({"CategoricalParameterRanges": [{"Name": "b", "Values": ["x"]}]})
    assert suggest(lists, [({"b": "x"}, 1.0)], 1) == [{"b": "x"}]


def test_combinations_are_counted_where_they_can_be():
    lists = {"CategoricalParameterRanges": [{"Name": "b", "Values": ["x", "y"]}]}
    whole = {"IntegerParameterRanges": [{"Name": "a", "MinValue": "2", "MaxValue": "4"}]}
    assert Ranges.of(lists | whole).combinations() == 6
    assert of("0", "1").combinations() == float("inf")


def test_a_point_of_other_ranges_counts_where_it_lies_inside():
    assert of("1", "3").point_inside({"a": "2"}) == {"a": 0.5}
    for texts in ({"a": "4"}, {"a": "many"}, {"b": "2"}):
        assert of("1", "3").point_inside(texts) is None
    assert of("1", "1000").point_inside({"a": "-1"}) is None
    assert of("3", "3").point_inside({"a": "3.0"}) == {"a": 0.0}
    assert of("3", "3").point_inside({"a": "7"}) is None


def test_a_value_that_a_list_has_twice_is_one_value():
    twice = Ranges.of({"CategoricalParameterRanges": [{"Name": "b", "Values": ["x", "y", "x"]}]})
    assert list(twice.grid()) == [{"b": "x"}, {"b": "y"}]
    assert suggest(twice, [({"b": "x"}, 1.0)], 2**32 - 1)[0]["b"] in ("x", "y")
