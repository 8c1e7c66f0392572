"""The product: rows, verbs, pages, forms and tasks. Speaks to SageMaker by boto3 only."""
