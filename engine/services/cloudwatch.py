"""CloudWatch's read operations, over the engine's metric data."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.timezone import now

from engine.models import MetricDatum
from engine.services.metric_statistics import STATISTICS, is_percentile, periods
from engine.training.work import HOST, NAMESPACE
from engine.wire.call import Call
from engine.wire.errors import AwsError
from engine.wire.paging import InvalidToken, read_token, sign_token

METRICS_A_PAGE = 500
MAX_STATISTICS = 1440  # the most GetMetricStatistics gives
MAX_DATAPOINTS = 100_800  # the most GetMetricData gives at once
MAX_QUERIES = 500
_KEYS = ("namespace", "name", "dimensions")


class InvalidParameterValue(AwsError):
    """A parameter has a value that CloudWatch does not accept."""

    code = "InvalidParameterValue"


class InvalidParameterCombination(AwsError):
    """Parameters that exclude each other, or that miss one another."""

    code = "InvalidParameterCombination"


class ValidationError(AwsError):
    """A query of GetMetricData that is not valid; CloudWatch has a code of its own for it."""

    code = "ValidationError"


class CloudWatch:
    """Metric data, statistics and the list of metrics."""

    def get_metric_data(self, call: Call, request: dict) -> dict:
        queries = request["MetricDataQueries"]
        start, end = _times(request)
        _check_queries(queries)
        newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        series = [
            (query, _series(call, query, start, end, newest_first))
            for query in queries
            if query.get("ReturnData", True)
        ]
        begin, room = _offset(request, "metric data"), min(request.get("MaxDatapoints", MAX_DATAPOINTS), MAX_DATAPOINTS)
        results, offset = [], 0
        for query, points in series:
            page = points[max(begin - offset, 0) : max(begin + room - offset, 0)]
            partial = offset + len(points) > begin + room
            offset += len(points)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
                    "Timestamps": [at for at, _ in page],
                    "Values": [value for _, value in page],
                    "StatusCode": "PartialData" if partial else "Complete",
                }
            )
        next_token = {"NextToken": sign_token("metric data", begin + room)} if offset > begin + room else {}
        return {"MetricDataResults": results, "Messages": [], **next_token}

    def get_metric_statistics(self, call: Call, request: dict) -> dict:
        start, end = _times(request, InvalidParameterValue)
        period = _period(request["Period"], "Period", InvalidParameterValue)
        names, percentiles = request.get("Statistics", ()), request.get("ExtendedStatistics", ())
        if names and percentiles:
            raise InvalidParameterCombination(
                "Statistics and ExtendedStatistics were specified. Only one of these parameters can be used."
            )
        for text in percentiles:
            if not is_percentile(text):
                raise InvalidParameterValue(
                    f"The value {text} for parameter ExtendedStatistics is not supported: this engine has percentiles, "
                    "p0 to p100."
                )
        if not names and not percentiles:
            raise InvalidParameterCombination(
                "At least one of the parameters Statistics and ExtendedStatistics must be specified."
            )
        if (count := math.ceil((end - start).total_seconds() / period)) > MAX_STATISTICS:
            raise InvalidParameterCombination(
                f"You have requested up to {count:,} datapoints, which exceeds the limit of {MAX_STATISTICS:,}. You "
                "may reduce the datapoints requested by increasing Period, or decreasing the time range."
            )
        rows = _rows(
            call, request["Namespace"], request["MetricName"], request.get("Dimensions", ()), request.get("Unit")
        )
        points = []
        for at, unit, statistics in periods(rows, start, end, period, bool(percentiles)):
            point: dict = {"Timestamp": at, "Unit": unit, **{name: statistics.value(name) for name in names}}
            extended = {text: statistics.value(text) for text in percentiles}
            if extended_values := {text: value for text, value in extended.items() if value is not None}:
                point["ExtendedStatistics"] = extended_values
            if extended_values or names:
                points.append(point)
        return {"Label": request["MetricName"], "Datapoints": points}

    def list_metrics(self, call: Call, request: dict) -> dict:
        rows = MetricDatum.objects.filter(region=call.region)
        if "Namespace" in request:
            rows = rows.filter(namespace=request["Namespace"])
        if "MetricName" in request:
            rows = rows.filter(name=request["MetricName"])
        if "RecentlyActive" in request:
            rows = rows.filter(timestamp__gte=now() - timedelta(hours=3))
        metrics = rows.values_list(*_KEYS).order_by(*_KEYS).distinct()
        filters = [(f["Name"], f.get("Value")) for f in request.get("Dimensions", ())]
        matches = [m for m in metrics.iterator() if _has_dimensions(_dimensions(m[2]), filters)]
        begin = _offset(request, "metrics")
        end = begin + METRICS_A_PAGE
        page = matches[begin:end]
        next_token = {"NextToken": sign_token("metrics", end)} if len(matches) > end else {}
        return {
            "Metrics": [
                {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in _dimensions(dimensions)],
                }
                for namespace, name, dimensions in page
            ],
            **next_token,
        }


def _series(
    call: Call, query: dict, start: datetime, end: datetime, newest_first: bool
) -> list[tuple[datetime, float]]:
    metric_stat = query["MetricStat"]
    metric = metric_stat["Metric"]
    rows = _rows(
        call, metric.get("Namespace"), metric.get("MetricName"), metric.get("Dimensions", ()), metric_stat.get("Unit")
    )
    stat = metric_stat["Stat"]
    figures = (
        (at, statistics.value(stat))
        for at, _, statistics in periods(rows, start, end, metric_stat["Period"], is_percentile(stat))
    )
    points = [(at, value) for at, value in figures if value is not None]
    return points[::-1] if newest_first else points


def _rows(call: Call, namespace: str, name: str, dimensions: Iterable[dict], unit: str | None):
    wanted = ",".join(sorted(f"{d['Name']}={d['Value']}" for d in dimensions))
    job = wanted.removeprefix("TrainingJobName=")
    if namespace == NAMESPACE and job != wanted:  # as TrainingJobAnalytics of the SDK v2 asks; a job has one host
        wanted = f"Host={job}/{HOST}"
    rows = MetricDatum.objects.filter(region=call.region, namespace=namespace, name=name, dimensions=wanted)
    return rows.filter(unit=unit) if unit else rows


def _check_queries(queries: list[dict]) -> None:
    if not 0 < len(queries) <= MAX_QUERIES:
        raise ValidationError(f"MetricDataQueries must hold 1 to {MAX_QUERIES} queries; it holds {len(queries)}.")
    if len({query["Id"] for query in queries}) < len(queries):
        raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")
    for number, query in enumerate(queries, start=1):
        where = f"MetricDataQueries.member.{number}"
        if "Expression" in query:
            raise ValidationError(
                f"{where}.Expression: metric math and SQL are not offered by this engine. "
                "Ask for each metric with MetricStat."
            )
        if "MetricStat" not in query:
            raise ValidationError(f"{where}: exactly one of MetricStat and Expression must be given.")
        stat = query["MetricStat"]
        if stat["Stat"] not in STATISTICS and not is_percentile(stat["Stat"]):
            raise ValidationError(
                f"{where}.MetricStat.Stat is {stat['Stat']!r}; this engine has {', '.join(STATISTICS)} and "
                "percentiles, such as p99."
            )
        if not stat["Metric"].get("MetricName") or not stat["Metric"].get("Namespace"):
            raise ValidationError(f"{where}.MetricStat.Metric must have a Namespace and a MetricName.")
        _period(stat["Period"], f"{where}.MetricStat.Period", ValidationError)


def _period(period: int, where: str, error: type[AwsError]) -> int:
    if period not in (1, 5, 10, 20, 30) and period % 60:
        raise error(f"The parameter {where} must be 1, 5, 10, 20, 30 or a multiple of 60; it is {period}.")
    return period


def _times(request: dict, error: type[AwsError] = ValidationError) -> tuple[datetime, datetime]:
    start, end = (_aware(request[name]) for name in ("StartTime", "EndTime"))
    if start >= end:
        raise error("The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _aware(at: datetime | float) -> datetime:
    if isinstance(at, datetime):
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return datetime.fromtimestamp(at, UTC)


def _offset(request: dict, list_name: str) -> int:
    """How many items the pages before have. Raises AwsError for a token of another operation."""
    try:
        return read_token(request["NextToken"], list_name)[0] if request.get("NextToken") else 0
    except InvalidToken as error:
        raise AwsError(error.message, "InvalidNextToken") from None


def _dimensions(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in text.split(",") if pair)]


def _has_dimensions(dimensions: list[tuple[str, str]], filters: list[tuple[str, str | None]]) -> bool:
    return all(any(n == name and wanted in (None, v) for n, v in dimensions) for name, wanted in filters)
