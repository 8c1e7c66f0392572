"""The Create model page: three answers, and everything else filled in."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from models_app.account.roles import Action, requires
from models_app.aws import job_spec
from models_app.create import checks, drafts, options, submission
from models_app.create.actions import apply_action, cancel_scan, parse_fix, with_algorithm_values
from models_app.create.clone import form_of_job
from models_app.create.compare_algorithms import compare_algorithms
from models_app.create.context import form_context
from models_app.create.form import CreateForm
from models_app.create.form_kinds import form_class
from models_app.create.form_links import form_of_query
from models_app.create.own_code import views as own_code
from models_app.create.own_code.form import CodeForm, is_code
from models_app.create.sidebar import sidebar_context
from models_app.create.tuning import views as tuning
from models_app.create.tuning.form import TuneForm, is_tuning
from models_app.create.tuning.prefill import prefilled as prefilled_tuning
from models_app.create.tuning.submit import tuning_name
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from models_app.web.render import render_page

BUTTONS = ("fix", "undo", "preset", "reset", "cancel", "rescan")  # submits that change the form and create nothing


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def model_create(request):
    """The form. Its buttons `do` upload or inspect without JavaScript; the plain submit creates."""
    if request.method == "GET":
        if request.GET.get("part") == "name":
            return _name_check(request)
        return _page(request, _prefilled(request))
    if is_code(request.POST):
        return own_code.code_post(request)
    form = form_class(request.POST)(request.POST)
    do = request.POST.get("do", "")
    if do == "inspect" or any(button in request.POST for button in BUTTONS):
        cancel_scan(request.user, request.POST.get("cancel", ""))
        form, done = apply_action(request.POST)
        return _page(request, form, done=done)
    if do == "compare":
        return compare_algorithms(request, form) or _page(request, form, status=422)
    if do == "upload" or do.startswith(submission.SAMPLE):
        return _page(request, _with_data(request, form, do))
    created = tuning.start(request, form) if isinstance(form, TuneForm) else submission.create_model(request, form)
    return created or _page(request, form, status=422)


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def tuning_create(request):
    """The form as a tuning job. Its buttons and its submit are those of `model_create`.

    A POST of the form of a model, by the button Tune there, shows what was typed as a tuning job.
    """
    if request.method == "GET" and request.GET.get("part") == "name":
        return _name_check(request, tuning_name)
    if request.method == "GET":
        return _page(request, prefilled_tuning(request, _prefilled))
    if is_tuning(request.POST):
        return model_create(request)
    form = CreateForm(request.POST).unbound()
    return _page(request, TuneForm.of(form, form["name"].value() or ""))


@require_GET
@requires(Action.CREATE)
def hyperparameters(request):
    """The hyperparameters of `?algorithm=`; values typed for the one before are kept where the names agree."""
    if not request.htmx:
        return redirect(f"{reverse('model_create')}?{request.GET.urlencode()}")
    form = with_algorithm_values(CreateForm(request.GET).unbound(), request.GET.get("of-algorithm", ""))
    return render_page(request, "create/_hyperparameters.html", {"form": form}, part="create/_hyperparameters.html")


def _prefilled(request) -> CreateForm:
    """From an earlier model (`?from=`), a job of another client (`?job=`), a draft (`?draft=`), or what the query says.

    A draft whose model was created is that model's form: the page before it in the history of the browser.
    """
    query = request.GET
    if draft := drafts.load(request.user, query.get("draft", "")):
        return form_class(draft)(draft).unbound()
    if model := drafts.created(request.user, query.get("draft", "")):
        words = _("Model <b>{}</b> was created from this form. What follows is a copy; give it another name.")
        messages.info(request, format_html(words, model.name))
        return form_class(vars(model)).from_model(model)
    if model := Model.objects.filter(name=query.get("from", "")).first():
        form, (_label, changes) = form_class(vars(model)).from_model(model), parse_fix(query.get("fix", ""))
        return form.with_fix(options.resolve(changes, model.instance_type)) if changes else form
    if job := TrainingJob.objects.filter(name=query.get("job", ""), external=True).first():
        return _of_job(request, job)
    if "from" in query:
        words = _("There is no model %(name)s to copy. It was deleted, so this form has the defaults.")
        messages.warning(request, words % {"name": query["from"]})
    elif "draft" in query:
        messages.warning(request, _("This draft was discarded, so this form has the defaults."))
    return own_code.form_of_query(query) if is_code(query) else form_of_query(query)


def _of_job(request, job: TrainingJob) -> CreateForm:
    """A copy of a job that another client made, with the fix that the query names."""
    if not job_spec.can_be_cloned(job):
        words = _("Job %(name)s runs an image that this form does not know, so this form has the defaults.")
        messages.warning(request, words % {"name": job.name})
        return CreateForm()
    _label, changes = parse_fix(request.GET.get("fix", ""))
    return form_of_job(job, changes)


def _with_data(request, form: CreateForm, do: str) -> CreateForm:
    """The same form with the location of what was just uploaded, or of a sample table, nothing else lost."""
    try:
        return submission.with_data(request, form, do)
    except Problem as problem:
        form = form.unbound()
        form.upload_problem = problem
        return form


def _name_check(request, check=checks.model_name):
    """What the page says under the name while it is being typed."""
    name = request.GET.get("name", "").strip()
    context: dict = {"name": name}
    try:
        check(name)
    except Problem as problem:
        context["problem"] = problem if name else None
    return render_page(request, "create/_name_check.html", context, part="create/_name_check.html")


def _page(request, form: CreateForm, status: int = 200, done: str = ""):
    if isinstance(form, CodeForm):
        return own_code.code_page(request, form, status, done)
    if isinstance(form, TuneForm):
        return tuning.tuning_page(request, form, status, done)
    context = {"done": done} | form_context(form, request.user, rescan="rescan" in request.POST) | {"form": form}
    context |= sidebar_context(request, form, context.get("inspection"))
    context["drafts"] = [] if request.GET or form.is_bound else drafts.recent(request.user)
    return render_page(request, "create/page.html", context, status=status)
