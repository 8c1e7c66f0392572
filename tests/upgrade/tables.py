"""The small tables of the upgrade test: each is the same on every run."""

import random

_CHANCE = random.Random(5)  # noqa: S311 (no secret)
_PLANS = ("basic", "plus", "pro")


def _churn(rows: int) -> str:
    """Text labels, an identifier, a category, amounts with a currency, some cells empty: it must be prepared."""
    lines = ["customer,plan,age,spent,left"]
    for row in range(rows):
        age, plan = _CHANCE.randint(18, 80), _CHANCE.choice(_PLANS)
        spent = "" if row % 29 == 28 else f"${_CHANCE.uniform(5, 400):.2f}"
        left = "yes" if age + _CHANCE.gauss(0, 8) > 50 and plan != "pro" else "no"
        lines.append(f"c-{row:05},{plan},{age},{spent},{left}")
    return "\n".join([*lines, ""])


def _points(rows: int) -> str:
    lines = ["x,y,z"]
    for row in range(rows):
        lines.append(",".join(f"{_CHANCE.gauss(4 * (row % 3), 1):.3f}" for _ in range(3)))
    return "\n".join([*lines, ""])


CHURN = _churn(400).encode()
POINTS = _points(300).encode()
_BLOCK = "".join(f"{i % 90},{i % 7},{i * 37 % 100},{'yes' if i % 5 < 2 else 'no'}\n" for i in range(70))
CLEAN = f"a,b,c,left\n{_BLOCK * 1500}".encode()
UNCLEAN = f"a,b,c,left\n{_BLOCK * 2200}12,x7,1,yes\n13,x9,0,no\n".encode()  # only the first megabyte is clean
BIG = f"a,b,c,left\n{_BLOCK * 8000}".encode()  # takes some time to read, and little space when compressed
