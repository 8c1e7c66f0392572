"""How far the full read of a table is that the Create model page waits for."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from models_app.account.roles import Action, requires
from models_app.models import Scan
from models_app.web.render import render_page


@require_GET
@requires(Action.READ)
def scan(request):
    """How far the scan `?scan=` is. Once it has ended or is gone, the page is told to look at the data again."""
    if not request.htmx:
        return redirect("model_create")
    number = request.GET.get("scan", "")
    scan_row = Scan.objects.defer("profile").filter(pk=int(number) if number.isdecimal() else 0).first()
    if scan_row is None:
        return HttpResponse(status=204, headers={"HX-Trigger": "inspect"})
    answer = render_page(request, "create/_scanning.html", {"scan": scan_row}, part="create/_scanning.html")
    if scan_row.is_final:
        answer.headers["HX-Trigger"] = "inspect"
    return answer
