"""SageMaker Models: the list of models, and one model from its data to its endpoint."""
