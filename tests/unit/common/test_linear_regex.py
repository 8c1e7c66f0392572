"""Regular expressions of callers: what they mean, and that none can use much time or memory."""

import resource
import time

import pytest

from common.linear_regex import InvalidRegex, compile_regex
from engine.jobs.metrics import Pattern
from engine.services.log_patterns import InvalidParameterException, matcher

LINES = ["a" * 8192, "x" * 8192, "ab" * 4096, "1" * 8192, "é" * 8192, " \t" * 4096]
HARMLESS = {  # expressions that take a backtracking search exponential or cubic time on one of LINES
    "nested plus": r"(a+)+$b",
    "nested star": r"(a*)*c",
    "two that overlap": r"(?:x+x+)+y",
    "alternatives that overlap": r"(a|a)+$b",
    "alternatives of a prefix": r"(a|ab|ba|b)*c",
    "optional before needed": r"(a?){30}a{30}$b",
    "many wildcards": r"(.*)(.*)(.*)(.*)(.*)c(\d)",
    "spaces to the end": r"(\s+)+$x",
    "words": r"(\w+\s?)*:(\d)",
    "digits with a dot": r"(\d+\.?)+e(\d)",
    "repeated groups": r"((.*)x){8}(y)",
    "lazy": r"(.*?,){25}z",
}
TOO_LARGE = {
    "a billion characters": r".{1000000000}",
    "a number that has no end": r".{99999999999999999999}",
    "a million": r"(a{0,1000000})",
    "at least two thousand": r"\d{2000,}",
    "a repetition of a repetition": r"((a{100}){100}){100}",
    "nested wildcards": r"(.{1000}){1000}",
    "classes of Unicode": r"\p{L}{900}z",
    "an optional class of Unicode": r"(?i)(\p{L}\p{L}?){300}",
}
NOT_OFFERED = (
    r"(?<=a)b",
    r"(?=a)b",
    r"(a)\1",
    r"(?P<n>a)(?P=n)",
    r"(?>a+)b",
    r"a++b",
    r"(?x) a",
    "(",
    "[",
    "a**",
    "\ud800",
)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_search_takes_time_in_proportion_to_the_line(name):
    expression = compile_regex(HARMLESS[name])
    began = time.thread_time()
    for line in LINES:
        expression.search(line)
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_expression_that_needs_much_memory_is_refused_before_it_takes_any(name):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for use in (compile_regex, lambda regex: matcher(f"%{regex}%"), lambda regex: Pattern("m", regex)):
        resource.setrlimit(resource.RLIMIT_DATA, (4 * 2**30, resource.RLIM_INFINITY))  # should the refusal be lost
        try:
            pattern = use(TOO_LARGE[name])
            assert "memory" in pattern.error or "repeats more than 1000 times" in pattern.error
        except InvalidRegex as e:
            assert "memory" in str(e) or "repeats more than 1000 times" in str(e)
        except InvalidParameterException as e:
            assert len(str(e)) < 300
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize("expression", NOT_OFFERED, ids=range(len(NOT_OFFERED)))
def test_what_is_not_offered_says_so(expression):
    with pytest.raises(InvalidRegex, match="cannot be read|surrogate"):
        compile_regex(expression)


@pytest.mark.parametrize(
    ("expression", "text", "group"),
    [
        (r"loss=(\S+)", "epoch loss=0.5 acc", "0.5"),
        (r"^.*\[[0-9]+\].*#011validation-auc:(\S+)$", "[1]#011validation-auc:0.7", "0.7"),
        (r"(\d+)\Z", "7 8", "8"),
        (r"(a{,2})b", "aaab", "aa"),
        (r"a\{,2}(b)", "a{,2}b", "b"),
        (r"(?P<value>\d+)", "x12", "12"),
        (r"(?i)LOSS (\d)", "loss 3", "3"),
        (r"(ö+)", "schööön", "ööö"),
    ],
    ids=range(8),
)
def test_common_expressions_mean_what_they_mean_in_python(expression, text, group):
    assert compile_regex(expression).search(text)[1] == group


def test_a_filter_has_at_most_five_expressions():
    assert matcher("%a% %b% %c% %d% %e%")("a b c d e")
    with pytest.raises(InvalidParameterException, match="more than 5 regular expressions"):
        matcher("%a% " * 6)
