"""The commonest wrong files, each made of a real table, with the rows as they should have been."""

import csv
import io
import random
from importlib.resources import files

from sklearn import datasets

Row = dict[str, str]


def cancer() -> list[Row]:
    """Ten measurements of 569 tumours; `diagnosis` is malignant or benign."""
    data = datasets.load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names[:10]]
    return [
        dict(zip(names, (f"{value:g}" for value in row), strict=False)) | {"diagnosis": str(data.target_names[label])}
        for row, label in zip(data.data, data.target, strict=True)
    ]


def iris() -> list[Row]:
    """Four lengths of 150 flowers, in no order; `species` is one of three."""
    data = datasets.load_iris()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in data.feature_names]
    results = [
        dict(zip(names, map(str, row), strict=True)) | {"species": str(data.target_names[label])}
        for row, label in zip(data.data, data.target, strict=True)
    ]
    random.Random(3).shuffle(results)
    return results


def penguins() -> list[Row]:
    """344 penguins, some measurements and eleven sexes unknown."""
    text = (files("palmerpenguins") / "data" / "penguins.csv").read_text()
    return [
        {name: "" if cell == "NA" else cell for name, cell in row.items()} for row in csv.DictReader(text.splitlines())
    ]


def weather() -> list[Row]:
    """1,461 days in Seattle: their date, four measurements and `weather`, one of five."""
    return list(csv.DictReader((files("vega_datasets") / "_data" / "seattle-weather.csv").read_text().splitlines()))


def ratings() -> list[Row]:
    """3,000 ratings of 80 films by 60 users, each with a taste and a mean of their own; simulated."""
    draw = random.Random(5)
    users, films = ([(draw.gauss(0, 1), draw.gauss(0, 0.8)) for _ in range(n)] for n in (60, 80))
    rows = []
    for _ in range(3000):
        user, film = draw.randrange(60), draw.randrange(80)
        rating = 3 + users[user][1] + films[film][1] + 0.6 * users[user][0] * films[film][0] + draw.gauss(0, 0.3)
        rows.append({"user": f"user {user}", "film": f"film {film}", "rating": f"{rating:.2f}"})
    return rows


def text(
    rows: list[Row], header: bool = True, delimiter: str = ",", above: list[str] | None = None, names: str = ""
) -> bytes:
    """`rows` as a file; with the names `above`, and a name for each row that has none itself."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writerow(rows[0])
    if above:
        writer.writerow(above)
    first = [[names.format(index % 40)] if names else [] for index in range(len(rows))]
    writer.writerows([*start, *row.values()] for start, row in zip(first, rows, strict=True))
    return out.getvalue().encode()


def with_capitals(rows: list[Row], label: str) -> list[Row]:
    """Every third label in capitals."""
    return [row | {label: row[label].upper()} if index % 3 == 0 else row for index, row in enumerate(rows)]


def with_dollars(name: str, cell: str) -> str:
    """$1,001.00"""
    return f"${float(cell):,.2f}" if name == "mean_area" else cell


def as_people_write(rows: list[Row]) -> list[Row]:
    """Points for no value, words for no value, thousands as K, and days of which nobody says the order."""
    return [
        {
            "mean_radius": "." if index % 5 == 1 else row["mean_radius"],
            "mean_texture": "see report" if index % 4 == 0 else row["mean_texture"],
            "mean_area": f"{float(row['mean_area']) / 1000:g}K" if float(row["mean_area"]) > 500 else row["mean_area"],
            "visit": f"{index % 12 + 1:02}/{index * 5 % 12 + 1:02}/2023 0{index % 9 + 1}:30 PM",
        }
        | {name: cell for name, cell in row.items() if name not in ("mean_radius", "mean_texture", "mean_area")}
        for index, row in enumerate(rows)
    ]


def with_decimal_commas(_name: str, cell: str) -> str:
    return cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell


def ragged(rows: list[Row]) -> bytes:
    """Three rows lost their last cells, two have one too many."""
    lines = text(rows).splitlines()
    for position in (40, 90, 300):
        lines[position] = b",".join(lines[position].split(b",")[:-3])
    for position in (120, 500):
        lines[position] += b",checked"
    return b"\n".join(lines) + b"\n"


def numbered(rows: list[Row], label: str) -> list[Row]:
    """The classes of `label` as 0, 1, ..."""
    classes = sorted({row[label] for row in rows})
    return [row | {label: str(classes.index(row[label]))} for row in rows]


def first(rows: list[Row], label: str) -> list[Row]:
    """The label in the first column, as XGBoost wants it."""
    return [{label: row[label]} | row for row in rows]
