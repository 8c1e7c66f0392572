"""Pages of SageMaker Models."""
