"""Every hyperparameter of AWS's k-NN: range, default, meaning (developer guide, kNN_hyperparameters)."""

from algorithms.amazon.parameters import INTERNAL, AutoInteger
from algorithms.parameters import Categorical, Integer

CLASSIFIER, REGRESSOR = "classifier", "regressor"
FLAT, IVF, IVFPQ = "faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"
L2, INNER_PRODUCT, COSINE = "L2", "INNER_PRODUCT", "COSINE"
SIGN, FJLT = "sign", "fjlt"
PIECES = tuple(str(n) for n in (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96))

HYPERPARAMETERS = (
    Categorical(name="predictor_type", label="Task", help="Whether neighbours vote on a class or average a number.",
                required=True, options=(CLASSIFIER, REGRESSOR), group="basic"),
    Integer(name="k", label="Neighbours", help="How many of the nearest rows are asked.", required=True, low=1,
            tunable=True, tuned=True, suggested=(1, 1024), group="basic"),
    Integer(name="sample_size", label="Rows kept", help="How many training rows are kept, drawn at random.",
            required=True, low=1, tunable=True, suggested=(256, 20_000_000), group="basic"),
    Integer(name="feature_dim", label="Features", help="How many features a row has.", required=True, low=1),
    Categorical(name="index_metric", label="Distance", help="How far apart two rows are.", default=L2,
                options=(L2, INNER_PRODUCT, COSINE), group="basic"),
    Categorical(name="index_type", label="Index", default=FLAT, options=(FLAT, IVF, IVFPQ), group="basic",
                help="Compare with every row, with the likely ones only, or with shortened copies of these."),
    Categorical(name="dimension_reduction_type", label="Fewer dimensions by", options=(SIGN, FJLT), group="basic",
                help="How features are folded into fewer by chance; left out, they are not."),
    Integer(name="dimension_reduction_target", label="Dimensions left", low=1, group="basic",
            help="How many dimensions to fold the features into; fewer than feature_dim.",
            needs=("dimension_reduction_type", SIGN, FJLT)),
    AutoInteger(name="faiss_index_ivf_nlists", label="Cells of the index", default="auto", low=1,
                help="How many cells the rows are sorted into; auto is the root of their number.",
                needs=("index_type", IVF, IVFPQ)),
    Categorical(name="faiss_index_pq_m", label="Pieces of a row", options=PIECES,
                help="Into how many pieces a row is cut before each is shortened.", needs=("index_type", IVFPQ)),
    Integer(name="mini_batch_size", label="Batch size", help="How many rows are read at a time.", default=5000, low=1),
    *INTERNAL,
)  # fmt: skip
