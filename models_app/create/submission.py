"""What both forms of Create model do with a POST: they create the model, or store the files that come with it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from models_app.create import checks, drafts, submit
from models_app.create.form import CreateForm
from models_app.data import files, sample_tables
from models_app.problems import Invalid, Problem

SAMPLE = "sample-"  # before the name of a sample table


def create_model(request, form: CreateForm) -> HttpResponse | None:
    """Create the model of `form`: the way to its page. None if it is refused; then `form` has the problems."""
    if form.is_valid():  # all it reads are choices, so only a request made by hand is not
        try:
            spec = form.spec()
            spec.data_etag = inspected_etag(request, spec.data_uri)
            if form.recipe_problems:
                raise Invalid(form.recipe_problems + checks.examine(spec)[0])
            model = submit.create(request.user, spec, form["intent"].value(), form["origin"].value() or "")
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Problem as problem:
            form.add_problems([problem])
        else:
            drafts.discard(request.user, str(form["intent"].value()))
            if model.name == spec.name:
                messages.success(request, format_html(_("Successfully created model <b>{}</b>."), model.name))
            else:
                words = _("Model <b>{}</b> was created from this form before. Clone it to create another.")
                messages.info(request, format_html(words, model.name))
            return redirect("model", name=model.name)
    drafts.save(request.user, request.POST)
    return None


def store_files(request, form: CreateForm) -> str:
    """The location of the uploaded files: of the one file, or of their folder. Raises Problem."""
    keys = files.store(form.upload_bucket, form.upload_prefix, request.FILES.getlist("files"))
    key = keys[0] if len(keys) == 1 else form.upload_prefix
    return f"s3://{form.upload_bucket}/{key}"


def with_data(request, form: CreateForm, do: str) -> CreateForm:
    """`form` with the location of the uploaded files, or of the sample table that `do` names. Raises Problem."""
    if sample_tables.is_offered(sample := do.removeprefix(SAMPLE)):
        uri, table = sample_tables.put(sample)
        return form.unbound(data_uri=uri, target=table.target)
    return form.unbound(data_uri=store_files(request, form), target="")


def inspected_etag(request, uri: str) -> str:
    """The version of the table at `uri` that the page showed; "" when it showed none, or another table."""
    etag, _blank, inspected = request.POST.get("looked", "").partition(" ")
    return etag if inspected == uri else ""
