"""The console's addresses."""

urlpatterns: list = []
