"""The page of a model with people's own code, and what its buttons and its editor do to it without leaving it."""

from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.code.repair import keep_columns
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.create import submission
from models_app.create.own_code import context as contexts
from models_app.create.own_code.files import with_upload
from models_app.create.own_code.form import CodeForm
from models_app.create.sidebar import sidebar_context
from models_app.models import Trial
from models_app.problems import Problem
from models_app.training import trial as trials
from models_app.web.render import render_page

PAGE = "create/own_code/page.html"
REMOVE = "remove-"  # before the name of a hyperparameter


def code_page(request, form: CodeForm, status: int = 200, done: str = ""):
    """The page with `form`."""
    context = contexts.code_context(form, request.user) | {"done": done}
    context |= sidebar_context(request, form, context.get("inspection"))
    return render_page(request, PAGE, context, status=status)


def code_post(request):
    """A POST of the form: a button that changes it, or Create."""
    form = CodeForm(request.POST)
    do = request.POST.get("do", "")
    if do:
        changed, done = _changed(request, form, do)
        return code_page(request, changed, done=done)
    return submission.create_model(request, form) or code_page(request, form, status=422)


def _changed(request, form: CodeForm, do: str) -> tuple[CodeForm, str]:
    """(the form after the button `do`, what that did in words)."""
    form = form.unbound()
    if do == "example":
        return form.unbound(code_text=form.kind.example, code_entry=form.kind.entry, code_archive=""), ""
    if do == "repair":
        repaired = keep_columns(form.text)
        return (form.unbound(code_text=repaired), _("The columns of training are kept.")) if repaired else (form, "")
    if do == "add":
        form.extra_row = True
    elif do.startswith(REMOVE):
        form = form.without_row(do.removeprefix(REMOVE))
    elif do == "trial":
        _start(request, form)
    elif do == "code_upload":
        try:
            return with_upload(form, request.FILES.get("code_file")), ""
        except Problem as problem:
            form.code_problem = problem
    elif do == "upload" or do.startswith(submission.SAMPLE):
        try:
            return submission.with_data(request, form, do), ""
        except Problem as problem:
            form.upload_problem = problem
    return form, ""


def _start(request, form: CodeForm) -> Trial | None:
    """Start a trial of `form`; what keeps it from being started is noted with the form."""
    table = contexts.inspected_table(form)
    try:
        if "data_problem" in table:
            raise table["data_problem"]
        if "inspection" not in table:
            raise Problem(_("Choose the training data first: a trial needs its first rows."), "data_uri")
        intent = form["intent"].value()
        if not intent:
            raise Problem(_("The form has lost its key. Load the page again and submit it once more."))
        return trials.start(request.user, str(intent), form.spec(), table["inspection"])
    except Problem as problem:
        form.trial_problem = problem
        return None


@post_only("model_create")
@requires(Action.CREATE)
def code_check(request):
    """What the source says: the verdict, and the parts elsewhere that follow from it. Without htmx, the page."""
    if not request.htmx:
        return code_post(request)
    before = CodeForm(request.POST)
    do = request.POST.get("do", "")
    form, done = _changed(request, before, do) if do else (before.unbound(), "")
    context = contexts.code_context(form, request.user)
    context["done"] = done
    context["hp_changed"] = bool(do) or request.POST.get("signature", "") != form.signature
    context["entry_changed"] = form["code_entry"].value() != request.POST.get("code_entry", "")
    context["kind_changed"] = do == "kind"
    return render_page(request, "create/own_code/_check.html", context, part="create/own_code/_check.html")


@post_only("model_create")
@requires(Action.CREATE)
def code_data(request):
    """The part with the training data, for the location and the target that were chosen. Without htmx, the page."""
    if not request.htmx:
        return code_post(request)
    form = CodeForm(request.POST).unbound()
    context = contexts.code_context(form, request.user)
    if "preview" in context and not context["preview"].target_is_known:  # it was a column of the file before
        form = form.unbound(target="")
        context = contexts.code_context(form, request.user)
    context |= {"alone": True}
    response = render_page(request, "create/own_code/_live.html", context, part="create/own_code/_live.html")
    response["HX-Trigger-After-Settle"] = "looked"  # the sidebar follows from the data too
    return response


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def code_trial(request):
    """Start a trial by POST, ask how far it is by POST with `follow`. Without htmx, the page.

    Both send the form: whether a trial is still of this code follows from it.
    """
    if request.method == "GET" or not request.htmx:
        return code_post(request) if request.method == "POST" else redirect(f"{reverse('model_create')}?algorithm=code")
    form = CodeForm(request.POST).unbound()
    trial = None
    if "follow" in request.GET:
        trial = trials.latest(request.user, str(form["intent"].value()))
    else:
        trial = _start(request, form)
    if trial:
        try:
            trial = trials.follow(trial)
        except Problem as problem:
            form.trial_problem = problem
    context = contexts.trial_context(form, request.user, trial)
    context["panel_alone"] = True
    return render_page(request, "create/own_code/_trial.html", context, part="create/own_code/_trial.html")


def form_of_query(query: QueryDict) -> CodeForm:
    """The form that a link asks for: a name and data at most, for code does not fit into an address."""
    initial = {"name": query.get("name", ""), "data_uri": query.get("data", ""), "target": query.get("target", "")}
    kind = query.get("kind", "")
    return CodeForm(initial={n: v for n, v in initial.items() if v} | ({"code_kind": kind} if kind else {}))
