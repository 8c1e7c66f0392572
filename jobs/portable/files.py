"""Names of the files of a portable model."""

PROGRAM, REQUIREMENTS, README = "predict.py", "requirements.txt", "README.md"
MANIFEST, SCHEMA, ARTIFACT = "model.json", "schema.json", "model.tar.gz"
PACKAGE = "sagewright_predict"  # the modules that `PROGRAM` imports
MODULES = f"{PACKAGE}.zip"  # which Python imports from
FOLDER = "portable"  # of an artifact that carries them itself
