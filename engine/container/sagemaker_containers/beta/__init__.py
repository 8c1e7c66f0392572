"""As in sagemaker-containers: `sagemaker_containers.beta.framework`."""
