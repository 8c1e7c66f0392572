"""The algorithms as the Create model page offers them: in groups, with the one that suits the data pointed out."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

import algorithms
from algorithms.spec import Algorithm
from models_app.create.panel import Press
from preflight import Fix
from tables import Inspection

GROUPS = (
    (gettext_lazy("Trees"), ("xgboost", "lightgbm", "catboost")),
    (gettext_lazy("Linear"), ("linear-learner", "factorization-machines")),
    (gettext_lazy("Neighbours"), ("knn",)),
    (gettext_lazy("Unsupervised"), ("kmeans", "pca", "randomcutforest")),
)
MANY_VALUES = 20  # different values of a text column from which on a column each is too many
MANY_BYTES = 256 * 1024 * 1024  # from here on the time that training takes is felt


@dataclass(frozen=True)
class Hint:
    """An algorithm that suits the data, and why."""

    algorithm: Algorithm
    reason: str

    @property
    def press(self) -> Press:
        return Press.of(
            Fix(_("Choose %(algorithm)s") % {"algorithm": self.algorithm.title}, {"algorithm": self.algorithm.name})
        )


def grouped() -> list[tuple[str, list[Algorithm]]]:
    """[(group, its algorithms)] of all there are; what belongs to no group comes last."""
    known = dict(algorithms.ALGORITHMS)
    made = [(str(title), [known.pop(name) for name in names if name in known]) for title, names in GROUPS]
    return [group for group in [*made, (_("More"), list(known.values()))] if group[1]]


def hint(found: Inspection) -> Hint | None:
    """What suits `found`, when the data speaks for one."""
    known = algorithms.ALGORITHMS
    words = [c for c in found.columns if c.role == "feature" and c.type in ("category", "text", "binary")]
    texts = [c for c in words if c.kind == "text"]
    many = [c for c in texts if c.unique > MANY_VALUES and c.type == "category"]
    if many and "catboost" in known:
        said = ngettext(
            "%(n)d text column has many values: CatBoost takes it as it is.",
            "%(n)d text columns have many values: CatBoost takes them as they are.",
            len(many),
        )
        return Hint(known["catboost"], said % {"n": len(many)})
    if len(texts) * 2 > len(found.columns) and "catboost" in known:
        return Hint(known["catboost"], _("Most columns are text: CatBoost takes them as they are."))
    if found.size > MANY_BYTES and "lightgbm" in known:
        return Hint(known["lightgbm"], _("The table is large: LightGBM is quick on millions of rows."))
    if "xgboost" in known:
        return Hint(known["xgboost"], _("XGBoost is the best first choice for tables like this one."))
    return None
