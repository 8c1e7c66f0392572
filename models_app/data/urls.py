"""Addresses of `models_app.data`."""

from django.urls import path

from models_app.data.views import browse, buckets, samples, scans, uploads

urlpatterns = [
    path("buckets/", buckets.buckets, name="buckets"),
    path("buckets/-/create/", buckets.bucket_create, name="bucket_create"),
    path("buckets/<str:bucket>/", buckets.bucket, name="bucket"),
    path("buckets/<str:bucket>/delete/", buckets.bucket_delete, name="bucket_delete"),
    path("buckets/<str:bucket>/upload/", buckets.objects_upload, name="objects_upload"),
    path("buckets/<str:bucket>/objects/delete/", buckets.objects_delete, name="objects_delete"),
    path("buckets/<str:bucket>/download/", buckets.object_download, name="object_download"),
    path("samples/<str:sample>/", samples.sample_use, name="sample_use"),
    path("buckets/<str:bucket>/uploads/", uploads.upload_begin, name="upload_begin"),
    path("uploads/", uploads.uploads_unfinished, name="uploads"),
    path("uploads/<int:pk>/parts/<int:number>/", uploads.upload_part, name="upload_part"),
    path("uploads/<int:pk>/finish/", uploads.upload_finish, name="upload_finish"),
    path("uploads/<int:pk>/cancel/", uploads.upload_cancel, name="upload_cancel"),
    path("s3/browse/", browse.s3_browse, name="s3_browse"),
    path("s3/scan/", scans.scan, name="s3_scan"),
]
