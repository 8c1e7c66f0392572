"""The peer: the plain FastAPI service one would write by hand around the same model."""

import json
import os

import numpy as np
import xgboost
from fastapi import FastAPI, Request, Response

app = FastAPI()
booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["MODEL_FILE"])


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    body = await request.body()
    if request.headers.get("content-type") == "application/json":
        rows = np.array(json.loads(body)["instances"], dtype=np.float32)
    else:
        rows = np.array([line.split(",") for line in body.decode().splitlines()], dtype=np.float32)
    predictions = booster.predict(xgboost.DMatrix(rows))
    return Response("\n".join(map(str, predictions)) + "\n", media_type="text/csv")


@app.get("/healthz")
async def healthz() -> str:
    return "ok"
