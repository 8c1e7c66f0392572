"""Which form a POST, a draft or the columns of a model are of."""

from models_app.create.form import CreateForm
from models_app.create.own_code.form import CodeForm, is_code
from models_app.create.tuning.form import TuneForm, is_tuning


def form_class(data) -> type[CreateForm]:
    """The form that `data`, a POST, a draft or the columns of a model, was filled in with."""
    return CodeForm if is_code(data) else TuneForm if is_tuning(data) else CreateForm
