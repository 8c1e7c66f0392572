"""Gives the resources that the console created before owners were known the owners of the console's rows."""

from django.db import migrations


def copy_owners(apps, schema_editor):
    console = {name: apps.get_model("models_app", name) for name in ("TrainingJob", "Endpoint")}
    own = {name: apps.get_model("engine", name) for name in ("TrainingJob", "Endpoint", "EndpointConfig", "Model")}

    def give(kind, name, owner):
        own[kind].objects.filter(name=name, owner=None).update(owner=owner)

    rows = {name: model.objects.filter(external=False).exclude(owner=None) for name, model in console.items()}
    for name, owner in rows["TrainingJob"].values_list("name", "owner").iterator():
        give("TrainingJob", name, owner)
    for name, config, model, owner in rows["Endpoint"].values_list("name", "config_name", "sagemaker_model", "owner"):
        give("Endpoint", name, owner)
        give("EndpointConfig", config, owner)
        give("Model", model, owner)


class Migration(migrations.Migration):
    dependencies = [("engine", "0004_owner"), ("models_app", "0005_draft")]

    operations = [migrations.RunPython(copy_owners, migrations.RunPython.noop)]
