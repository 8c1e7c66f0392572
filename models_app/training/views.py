"""Training jobs: the list, one job with its curve, its log and why it failed, and stopping it."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.aws import archive
from models_app.aws.job_spec import can_be_cloned, can_be_saved, channels_of
from models_app.models import TrainingJob
from models_app.problems import Problem
from models_app.training import actions as job_actions
from models_app.training.attempts import attempts_of
from models_app.training.evidence import evidence_of
from models_app.training.listing import JOBS
from models_app.training.log import lines_after
from models_app.training.log_context import log_context
from models_app.training.log_rest import read_rest
from models_app.training.members import MOST_LINES, hosts_of, last_lines
from models_app.training.metrics import best_note, curve_of, figures_of
from models_app.training.page import hyperparameters_of, preflight_of, steps_of, timeline_of, transitions_of
from models_app.training.usage import usage_of
from models_app.training.usage_charts import charts_of
from models_app.web.changes import changes
from models_app.web.errors import Gone
from models_app.web.lists.view import render_list
from models_app.web.render import render_page


def find_job(name: str) -> TrainingJob:
    """The job `name`; raises Gone."""
    rows = TrainingJob.objects.select_related("owner", "model", "model__endpoint")
    if job_row := rows.filter(name=name).first():
        return job_row
    words = _("There is no training job %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("jobs", _("View training jobs")))


@require_GET
@requires(Action.READ)
def jobs(request):
    """Every training job SageMaker told us of, ours and others'."""
    return render_list(request, JOBS, "training/list.html", "training/_rows.html", owned=lambda _: ())


@require_GET
@requires(Action.READ)
def job(request, name):
    """One job, from its data to what it left behind."""
    job_row = find_job(name)
    context = {
        "job": job_row,
        "steps": steps_of(job_row),
        "curve": curve_of(job_row, request.GET.get("metric", ""), whole=request.GET.get("rounds") == "all"),
        "figures": figures_of(job_row),
        "preflight": preflight_of(job_row),
        "best_note": best_note(job_row),
        "timeline": timeline_of(job_row),
        "transitions": transitions_of(job_row),
        "hyperparameters": hyperparameters_of(job_row),
        "evidence": evidence_of(job_row),
        "attempts": attempts_of(job_row),
        "hosts": hosts_of(job_row),
        "can_be_cloned": job_row.external and can_be_cloned(job_row),
        "channels": job_row.channels or channels_of(job_row),
        "can_be_saved": can_be_saved(job_row),
        "can_be_retried": job_actions.can_be_retried(job_row),
        **log_context(request, job_row, at_error="log" not in request.GET),
    }
    response = render_page(request, "training/detail.html", context, part="training/_parts.html")
    if request.htmx and job_row.is_final:  # what followed it has ended: one whole page, with the outcome on it
        response["HX-Refresh"] = "true"
    return response


@require_GET
@requires(Action.READ)
def job_usage(request, name):
    """Processor, memory and rows a second of one job; to htmx the part of its page."""
    job_row = find_job(name)
    context: dict = {"job": job_row}
    try:
        usage = usage_of(job_row)
        context["charts"] = charts_of(usage) if usage else []
    except Problem as problem:
        context["problem"] = problem
    return render_page(request, "training/usage.html", context, part="training/_usage.html")


@require_GET
@requires(Action.READ)
def job_members(request, name):
    """The members of a job with several instances, and the log of the one that ?host= names, else of the first."""
    job_row = find_job(name)
    hosts = hosts_of(job_row)
    host = request.GET.get("host", "")
    context: dict = {"job": job_row, "hosts": hosts, "host": host if host in hosts else hosts[0], "most": MOST_LINES}
    try:
        context["lines"] = last_lines(job_row, context["host"])
    except Problem as problem:
        context["problem"] = problem
    return render_page(request, "training/members.html", context, part="training/_member_log.html")


@require_GET
@requires(Action.READ)
def job_log(request, name):
    """The log alone: the lines after ?after=, for a page that follows it; or all of it as a file."""
    job_row = find_job(name)
    if "download" in request.GET:
        response = StreamingHttpResponse(_log_text(job_row), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{job_row.name}.log"'
        return response
    after = request.GET.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < 10 else 0
    lines = lines_after(job_row, number)
    last_line = lines[-1].number if lines else number
    return render(request, "training/_more_log.html", {"job": job_row, "lines": lines, "last_line": last_line})


def _log_text(job_row: TrainingJob) -> Iterator[str]:
    """Stream the whole log: the stored lines, then those that only CloudWatch has; or the archived ones."""
    if job_row.archive:
        try:
            for at, text in archive.log_lines(job_row.archive):
                yield f"{at.isoformat()} {text}\n"
        except Problem as problem:
            yield _("The archived log cannot be read now: %(why)s") % {"why": problem} + "\n"
        return
    total = 0
    for line in job_row.lines.iterator(chunk_size=2000):
        total += 1
        yield f"{line.at.isoformat()} {line.text}\n"
    try:
        for at, text in read_rest(job_row, total):
            yield f"{at.isoformat()} {text}\n"
    except Problem as problem:
        yield _("The log goes on in CloudWatch, which cannot be read now: %(why)s") % {"why": problem} + "\n"


@post_only("job", "name")
@changes(find_job, gettext_lazy("Only the person who started job %(name)s or an administrator can stop it."))
def job_stop(request, job_row):
    """Ask SageMaker to stop; what the job learned so far is kept where the algorithm allows it."""
    say_stopped(request, job_row)
    return redirect("job", name=job_row.name)


@post_only("job", "name")
@changes(find_job, gettext_lazy("Only the person who started job %(name)s or an administrator can retry it."))
def job_retry(request, job_row):
    """Train the model of a failed job once more, with the same table and settings."""
    try:
        again = job_actions.retry(job_row)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("job", name=job_row.name)
    messages.success(request, _("Retrying as job %(name)s.") % {"name": again.name})
    return redirect("job", name=again.name)


def say_stopped(request, job_row: TrainingJob) -> None:
    """Stop `job_row`, and say what came of it on the next page."""
    names = {"name": job_row.name}
    try:
        stops = job_actions.STOPPING.stop(job_row)
    except Problem as problem:
        messages.error(request, _("Failed to stop job %(name)s: %(why)s") % (names | {"why": problem}))
        return
    if stops:
        messages.success(request, _("Stopping training job %(name)s.") % names)
    else:
        words = _("Training job %(name)s had ended before: %(status)s. Nothing was stopped.")
        messages.info(request, words % (names | {"status": _(job_row.status_word)}))
