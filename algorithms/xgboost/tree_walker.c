/* Predicts rows with the trees of an XGBoost model: the same float32 numbers, added in the same order.

tree_walker.py compiles it, and checks all indexes before it calls it. Eight trees are walked at once without a branch:
the processor waits for eight nodes together, and has no branch to guess wrong. */

#include <math.h>
#include <stdint.h>

enum { TREES = 8, ROWS = 64 };
enum { AS_IT_IS, LOGISTIC, EXPONENTIAL, SOFTMAX };
enum { MISSING_LEFT = 1u << 31 }; /* a bit of `feature`: where a row goes that has no value */

typedef struct {
    float value; /* rows below it go left; of a leaf what it adds */
    uint32_t feature;
    int32_t left, right; /* of a leaf the leaf itself */
} Node;

typedef struct {
    const Node *nodes;
    const int32_t *roots, *depths, *outputs; /* of each tree */
    int32_t trees, width, count, link;       /* width: numbers of a row; count: numbers of an answer */
    float score;                             /* the base score, as a prediction */
} Model;

static const Node *next(const Node *nodes, const Node *node, const float *row)
{
    float x = row[node->feature & ~MISSING_LEFT];
    int left = (x < node->value) | ((x != x) & (int)(node->feature >> 31));
    return nodes + (left ? node->left : node->right);
}

static void add_trees(const Model *model, int32_t first, int32_t count, const float *rows, int64_t height, float *out)
{
    int32_t depth = 0;
    for (int32_t k = 0; k < count; k++)
        if (model->depths[first + k] > depth)
            depth = model->depths[first + k];
    for (int64_t r = 0; r < height; r++, rows += model->width, out += model->count) {
        const Node *at[TREES];
        for (int32_t k = 0; k < TREES; k++)
            at[k] = model->nodes + model->roots[first + (k < count ? k : 0)];
        for (int32_t level = 0; level < depth; level++)
            for (int32_t k = 0; k < TREES; k++)
                at[k] = next(model->nodes, at[k], rows);
        for (int32_t k = 0; k < count; k++)
            out[model->outputs[first + k]] += at[k]->value;
    }
}

/* These two as in XGBoost's src/common/math.h and src/objective/regression_loss.h. */
static float base_margin(const Model *model)
{
    if (model->link == LOGISTIC)
        return -logf(1.0f / model->score - 1.0f);
    return model->link == EXPONENTIAL ? logf(model->score) : model->score;
}

static void apply_link(const Model *model, float *out)
{
    if (model->link == LOGISTIC)
        for (int32_t i = 0; i < model->count; i++)
            out[i] = 1.0f / (expf(fminf(-out[i], 88.7f)) + 1.0f + 1e-16f);
    if (model->link == EXPONENTIAL)
        for (int32_t i = 0; i < model->count; i++)
            out[i] = expf(out[i]);
    if (model->link == SOFTMAX) {
        float largest = out[0];
        double sum = 0.0;
        for (int32_t i = 1; i < model->count; i++)
            largest = fmaxf(largest, out[i]);
        for (int32_t i = 0; i < model->count; i++)
            sum += out[i] = expf(out[i] - largest);
        for (int32_t i = 0; i < model->count; i++)
            out[i] /= (float)sum;
    }
}

/* Writes `count` numbers to `out` for each of `height` rows. */
void predict(const Model *model, const float *rows, int64_t height, float *out)
{
    float base = base_margin(model);
    for (int64_t start = 0; start < height; start += ROWS) {
        int64_t some = height - start < ROWS ? height - start : ROWS;
        float *part = out + start * model->count;
        for (int64_t i = 0; i < some * model->count; i++)
            part[i] = base;
        for (int32_t first = 0; first < model->trees; first += TREES) {
            int32_t count = model->trees - first < TREES ? model->trees - first : TREES;
            add_trees(model, first, count, rows + start * model->width, some, part);
        }
        for (int64_t r = 0; r < some; r++)
            apply_link(model, part + r * model->count);
    }
}
