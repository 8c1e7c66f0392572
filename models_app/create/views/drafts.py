"""The sidebar of the Create model form, its drafts, and the form as code."""

from dataclasses import replace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.create import code, drafts
from models_app.create.context import launch_context
from models_app.create.form import CreateForm
from models_app.create.form_kinds import form_class
from models_app.create.form_links import form_of_query, query_string
from models_app.create.own_code import context as own_code
from models_app.create.own_code.form import CodeForm, is_code
from models_app.create.sidebar import sidebar_context
from models_app.create.tuning import views as tuning
from models_app.create.tuning.form import TuneForm, is_tuning
from models_app.web.render import render_page


@post_only("model_create")
@requires(Action.CREATE)
def create_aside(request):
    """Save the form as a draft and render the sidebar: time, cost, limits, differences, link."""
    form = form_class(request.POST)(request.POST).unbound()
    draft = drafts.save(request.user, request.POST)
    if not request.htmx:
        return redirect(f"{reverse('model_create')}?{query_string(form)}")
    stale = form["deploy_metric"].value() not in {metric.name for metric in form.selected_algorithm.metrics}
    if stale:  # it was one of the algorithm chosen before
        form = form.unbound(deploy_metric="")
    sidebar = tuning.aside_context if isinstance(form, TuneForm) else sidebar_context
    context = sidebar(request, form) | {"form": form, "draft": draft, "gate_alone": stale}
    return render(request, form.aside_template, context)


@post_only("model_create")
@requires(Action.CREATE)
def draft_discard(request, intent):
    """Delete a draft."""
    drafts.discard(request.user, str(intent))
    messages.success(request, _("The draft is discarded."))
    return redirect("model_create")


@require_http_methods(["GET", "POST"])
@requires(Action.CREATE)
def create_code(request):
    """The form as programs: a dialog to htmx, a page to everyone else. A GET takes the query of a shared link."""
    if request.method == "POST" and is_tuning(request.POST):
        tuning_plan, programs = tuning.snippets(TuneForm(request.POST))
        context = {"plan": tuning_plan.launch, "snippets": programs, "query": "", "is_tuning": True}
        return render_page(request, "create/code.html", context, part="create/_code_dialog.html")
    if request.method == "POST" and is_code(request.POST):
        plan, query = own_code.plan_of(CodeForm(request.POST).unbound()), ""
    else:
        sent = CreateForm(request.POST) if request.method == "POST" else form_of_query(request.GET)
        form = sent.unbound()
        plan, query = code.plan_of(form, *launch_context(form)), query_string(form)
        plan = replace(plan, problems=(*sent.problems, *plan.problems))
    context = {"plan": plan, "snippets": code.snippets(plan), "query": query}
    return render_page(request, "create/code.html", context, part="create/_code_dialog.html")
