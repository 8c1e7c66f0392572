"""What every page's shell shows: product name, which SageMaker, counts in the navigation."""

from django.conf import settings

from models_app import roles
from models_app.models import Endpoint, Model, TrainingJob

PRODUCT = "Sagewright"


def shell(request) -> dict:
    shown = {
        "product": PRODUCT,
        "backend": settings.BACKEND,
        "region": settings.REGION,
        "theme": request.COOKIES.get("theme", "auto"),
        "live_url": settings.LIVE_URL,
    }
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return shown
    live = (
        TrainingJob.Status.CREATED,
        TrainingJob.Status.LAUNCHING,
        TrainingJob.Status.IN_PROGRESS,
        TrainingJob.Status.STOPPING,
    )
    return shown | {
        "role": roles.role_of(request.user),
        "nav_models": lambda: Model.objects.count(),
        "nav_running": lambda: TrainingJob.objects.filter(status__in=live).count(),
        "nav_endpoints": lambda: Endpoint.objects.count(),
    }
