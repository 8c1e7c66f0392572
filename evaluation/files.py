"""Where the caller and the process of an evaluation put things in their folder."""

# {"algorithm", "content_type": of the channels, "test_rows": how many rows there are}; of rows of a table that are not
# the model's test rows also "table": {"is_whole": it was read to its end, ...}, which the document repeats as "on"
# Of one row to be explained, {"algorithm", "row": {column: value}}; the document is then its reasons.
REQUEST = "request.json"
SCHEMA = "schema.json"
ARTIFACT = "model.tar.gz"
BUCKET = "job"  # the folder is a `tables.store.Folder`
JOB = f"s3://{BUCKET}/rows"  # with the test rows as preparing the table wrote them, or those of a table as text alone
PREDICTIONS = "predictions.csv"
EFFECTS = "effects.csv"  # `evaluation.effects`; absent where rows cannot be explained
EVALUATION = "evaluation.json"
ERROR = "error.json"  # {"error": text or message}
