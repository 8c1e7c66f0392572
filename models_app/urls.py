"""The console's addresses. A name in the path is AWS's name of the thing; "-" can never be one."""

from django.urls import path

from models_app.views import (
    account,
    buckets,
    create,
    dashboard,
    drafts,
    endpoints,
    jobs,
    model,
    models,
    s3,
    samples,
    scans,
    uploads,
)

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("search/", dashboard.search, name="search"),
    # Models
    path("models/", models.models, name="models"),
    path("models/-/delete/", models.models_delete, name="models_delete"),
    path("models/create/", create.model_create, name="model_create"),
    path("models/create/hyperparameters/", create.hyperparameters, name="hyperparameters"),
    path("models/create/aside/", drafts.create_aside, name="create_aside"),
    path("models/create/code/", drafts.create_code, name="create_code"),
    path("models/create/drafts/<uuid:intent>/discard/", drafts.draft_discard, name="draft_discard"),
    path("models/<str:name>/", model.model, name="model"),
    path("models/<str:name>/stop/", model.model_stop, name="model_stop"),
    path("models/<str:name>/deploy/", model.model_deploy, name="model_deploy"),
    path("models/<str:name>/delete/", model.model_delete, name="model_delete"),
    # Training jobs
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<str:name>/", jobs.job, name="job"),
    path("jobs/<str:name>/log/", jobs.job_log, name="job_log"),
    path("jobs/<str:name>/stop/", jobs.job_stop, name="job_stop"),
    # Endpoints
    path("endpoints/", endpoints.endpoints, name="endpoints"),
    path("endpoints/<str:name>/", endpoints.endpoint, name="endpoint"),
    path("endpoints/<str:name>/invoke/", endpoints.endpoint_invoke, name="endpoint_invoke"),
    path("endpoints/<str:name>/delete/", endpoints.endpoint_delete, name="endpoint_delete"),
    # Buckets
    path("buckets/", buckets.buckets, name="buckets"),
    path("buckets/-/create/", buckets.bucket_create, name="bucket_create"),
    path("buckets/<str:bucket>/", buckets.bucket, name="bucket"),
    path("buckets/<str:bucket>/delete/", buckets.bucket_delete, name="bucket_delete"),
    path("buckets/<str:bucket>/upload/", buckets.objects_upload, name="objects_upload"),
    path("buckets/<str:bucket>/objects/delete/", buckets.objects_delete, name="objects_delete"),
    path("buckets/<str:bucket>/download/", buckets.object_download, name="object_download"),
    # Uploads and samples
    path("samples/<str:sample>/", samples.sample_use, name="sample_use"),
    path("buckets/<str:bucket>/uploads/", uploads.upload_begin, name="upload_begin"),
    path("uploads/", uploads.uploads_unfinished, name="uploads"),
    path("uploads/<int:pk>/parts/<int:number>/", uploads.upload_part, name="upload_part"),
    path("uploads/<int:pk>/finish/", uploads.upload_finish, name="upload_finish"),
    path("uploads/<int:pk>/cancel/", uploads.upload_cancel, name="upload_cancel"),
    path("s3/browse/", s3.s3_browse, name="s3_browse"),
    path("s3/inspect/", s3.s3_inspect, name="s3_inspect"),
    path("s3/scan/", scans.scan, name="s3_scan"),
    # The person
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", account.sign_out, name="logout"),
    path("password/", account.ChangePassword.as_view(), name="password_change"),
    path("preferences/", account.preferences, name="preferences"),
    path("healthz/", account.healthz, name="healthz"),
]
