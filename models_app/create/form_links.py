"""A Create model form as a link, and back: everything that is not at its default is in the query string."""

from collections.abc import Mapping
from urllib.parse import urlencode

from jobs.link import RECIPE, from_query, to_query
from models_app.create import recipe_form
from models_app.create.form import CreateForm


def query_string(form: CreateForm) -> str:
    """The query string that fills a fresh form like `form`; "" for one that was left alone."""
    spec = form.spec().but(algorithm=form.selected_algorithm.name)
    query = to_query(spec, CreateForm(initial={"algorithm": spec.algorithm}).spec())
    if spec.algorithm != CreateForm().selected_algorithm.name:
        query["algorithm"] = spec.algorithm
    return urlencode(query)


def form_of_query(query: Mapping[str, str]) -> CreateForm:
    """The form that `query` describes; what it does not name has its default."""
    fresh = CreateForm(initial={"algorithm": query["algorithm"]} if "algorithm" in query else {})
    recipe, _problems = recipe_form.read(
        query if RECIPE in query else {RECIPE: fresh.recipe_text, **dict(query.items())}
    )
    return CreateForm.from_spec(from_query(query, fresh.spec()).but(recipe=recipe))
