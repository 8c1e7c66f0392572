"""Algorithms that differ in nothing but their data contract, one for each kind of contract there is."""

from algorithms.contract import DataContract
from algorithms.spec import Algorithm, ChannelSpec, Images


def algorithm(name: str, contract: DataContract) -> Algorithm:
    return Algorithm(
        name=name, title=name.title(), help="It learns nothing; it has a contract.", tasks=(), hyperparameters=(),
        channels=(ChannelSpec("train", "Rows.", True),), content_types=(), accepts=(), metrics=(),
        images=Images(name, "1", {"us-east-1": "0"}), trainer="", predictor="", data=contract,
    )  # fmt: skip


RECORDIO = "application/x-recordio-protobuf"
CONTRACTS = {
    "trees": DataContract(),
    "native": DataContract(categories="native", min_rows=2),
    "linear": DataContract(missing="filled"),
    "wide": DataContract(categories="one-hot-sparse", missing="filled"),
    "neighbours": DataContract(missing="filled", scale=True),
    "machines": DataContract(content_type=RECORDIO, categories="sparse", missing="filled", validation="test"),
    "records": DataContract(content_type=RECORDIO, missing="filled", validation="test"),
    "clusters": DataContract(
        label=False, content_type="text/csv;label_size=0", validation="test", missing="filled", scale=True
    ),
    "unsupervised": DataContract(label=False, content_type="text/csv;label_size=0"),
}
ALGORITHMS = {name: algorithm(name, contract) for name, contract in CONTRACTS.items()}
