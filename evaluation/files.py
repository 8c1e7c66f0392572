"""Where the caller and the process of an evaluation put things in their folder."""

REQUEST = "request.json"  # {"algorithm", "content_type": of the channels, "test_rows"}
SCHEMA = "schema.json"
ARTIFACT = "model.tar.gz"
BUCKET = "job"  # the folder is a `tables.store.Folder`
JOB = f"s3://{BUCKET}/rows"  # with the test rows as preparing the table wrote them
PREDICTIONS = "predictions.csv"
EVALUATION = "evaluation.json"
ERROR = "error.json"  # {"error": text or message}
