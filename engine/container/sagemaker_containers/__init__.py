"""What scripts import of sagemaker-containers, which AWS's framework images have.

That package no longer works with current versions of what it needs. These are the parts that inference scripts use.
"""
