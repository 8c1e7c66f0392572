"""An offline SageMaker that speaks AWS's wire protocol."""
