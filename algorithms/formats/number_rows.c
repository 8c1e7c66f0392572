/* Reads rows of numbers, as CSV, JSON or LibSVM, into float32: the numbers that Python's float() and a rounding to float32 give.

number_rows.py compiles it. It reads what is usual and refuses (-1) whatever else there is, which Python then reads or
names. Each text ends with a NUL, as Python's bytes do, and no loop here goes beyond one. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS = 19, POWER = 22, EXPONENT = 300 }; /* a uint64 holds 19 digits, a double 10^22 without rounding */
static const double POWERS[POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static int is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* `digits` times ten to the `exponent`, rounded to double, then to float; 0 if that cannot be told, or is infinite.

Unless one operation gives the double, the result is computed with an error, and holds if both ends of the error round
to the same float: all numbers between them do so. The doubles between two floats are many, so this nearly always holds;
else it is tried with more digits. */
static int round_to_float(uint64_t digits, int exponent, int is_cut, float *out)
{
    if (!is_cut && digits <= (uint64_t)1 << DBL_MANT_DIG && -POWER <= exponent && exponent <= POWER) {
        double value = (double)digits;
        *out = (float)(exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent]);
        return isfinite(*out);
    }
    if (exponent < -EXPONENT || exponent > EXPONENT)
        return 0;
    double value = (double)digits;
    long double precise = digits;
    int rest = exponent;
    for (; rest < -POWER; rest += POWER)
        value /= POWERS[POWER];
    for (; rest > POWER; rest -= POWER)
        value *= POWERS[POWER];
    value = rest < 0 ? value / POWERS[-rest] : value * POWERS[rest];
    *out = (float)value;
    /* 16 roundings at most, of 2^-53 each */
    if ((float)(value * (1 - 0x1p-48)) == (float)(value * (1 + 0x1p-48)))
        return isfinite(*out);
    for (rest = exponent; rest < -POWER; rest += POWER)
        precise /= POWERS[POWER];
    for (; rest > POWER; rest -= POWER)
        precise *= POWERS[POWER];
    precise = rest < 0 ? precise / POWERS[-rest] : precise * POWERS[rest];
    *out = (float)(double)precise;
    /* the digits that were cut off are 2^-59 of it, each rounding 2^-64 */
    float low = (float)(double)(precise * (1 - 0x1p-57L)), high = (float)(double)(precise * (1 + 0x1p-57L));
    return LDBL_MANT_DIG >= 64 && low == high && isfinite(*out);
}

/* What follows the number at `at`, which is written to `out`; NULL if there is none. `is_json`: as JSON writes it. */
static const char *read_number(const char *at, int is_json, float *out)
{
    int is_negative = *at == '-', exponent = 0, significant = 0, is_cut = 0, is_whole = 1;
    uint64_t digits = 0;
    at += is_negative || (*at == '+' && !is_json);
    const char *first = at;
    for (; is_digit(*at); at++) {
        if (significant < DIGITS) {
            digits = 10 * digits + (uint64_t)(*at - '0');
            significant += digits != 0;
        } else {
            exponent++;
            is_cut = 1;
        }
    }
    int64_t count = at - first;
    if (is_json && (!count || (*first == '0' && count > 1)))
        return NULL;
    if (*at == '.') {
        const char *point = at++;
        for (; is_digit(*at); at++) {
            if (significant < DIGITS) {
                digits = 10 * digits + (uint64_t)(*at - '0');
                significant += digits != 0;
                exponent--;
            } else
                is_cut = 1;
        }
        count += at - point - 1;
        if (is_json && at - point == 1)
            return NULL;
        is_whole = 0;
    }
    if (!count || at - first > EXPONENT)
        return NULL;
    if (*at == 'e' || *at == 'E') {
        int is_small = *++at == '-', power = 0;
        at += is_small || *at == '+';
        if (!is_digit(*at))
            return NULL;
        for (; is_digit(*at); at++)
            power = power < 10000 ? 10 * power + (*at - '0') : power;
        exponent += is_small ? -power : power;
        is_whole = 0;
    }
    if (!digits)
        *out = is_negative && !is_whole ? -0.0f : 0.0f; /* JSON's -0 is a whole number, and 0 */
    else if (!round_to_float(digits, exponent, is_cut, out))
        return NULL;
    else if (is_negative)
        *out = -*out;
    return at;
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* The number of rows of `width` numbers in CSV; -1 for another width, or what is not so usual. Empty cells are NaN. */
int64_t read_csv(const char *text, int64_t length, int64_t width, int64_t capacity, float *out)
{
    const char *at = text, *end = text + length;
    for (int64_t rows = 1; rows * width <= capacity; rows++, at++) {
        for (int64_t column = 0; column < width; column++, out++) {
            at += column > 0;
            if (width > 1) /* a single column may be separated by blanks: Python looks at those */
                at = skip_blanks(at);
            if (width > 1 && (*at == ',' || *at == '\n' || at == end || (*at == '\r' && at[1] == '\n')))
                *out = NAN;
            else if ((at = read_number(at, 0, out)) == NULL)
                return -1;
            if (width > 1)
                at = skip_blanks(at);
            if (column < width - 1 && *at != ',')
                return -1;
        }
        at += *at == '\r' && at[1] == '\n';
        if (at == end)
            return rows;
        if (*at != '\n')
            return -1;
    }
    return -1;
}

static const char *skip_space(const char *at, int is_line)
{
    while (*at == ' ' || *at == '\t' || (!is_line && (*at == '\n' || *at == '\r')))
        at++;
    return at;
}

/* What follows `word` and white space; NULL if something else is there, or `at` is NULL. */
static const char *skip_word(const char *at, const char *word, int is_line)
{
    size_t length = strlen(word);
    return at && strncmp(at, word, length) == 0 ? skip_space(at + length, is_line) : NULL;
}

/* What follows an array of `width` numbers; null is NaN. */
static const char *read_array(const char *at, int64_t width, int is_line, float *out)
{
    at = skip_word(at, "[", is_line);
    for (int64_t column = 0; at && column < width; column++) {
        if (column && (at = skip_word(at, ",", is_line)) == NULL)
            return NULL;
        if (*at == 'n') {
            at = skip_word(at, "null", is_line);
            out[column] = NAN;
        } else if ((at = read_number(at, 1, out + column)))
            at = skip_space(at, is_line);
    }
    return skip_word(at, "]", is_line);
}

/* What follows [numbers] or {"features": [numbers]}. */
static const char *read_row(const char *at, int64_t width, int is_line, float *out)
{
    if (*at != '{')
        return read_array(at, width, is_line, out);
    at = skip_word(skip_word(skip_word(at, "{", is_line), "\"features\"", is_line), ":", is_line);
    return skip_word(at ? read_array(at, width, is_line, out) : NULL, "}", is_line);
}

/* As read_csv, for [row, ...] and {"instances": [row, ...]}. */
int64_t read_json(const char *text, int64_t length, int64_t width, int64_t capacity, float *out)
{
    const char *at = skip_space(text, 0);
    int is_object = *at == '{';
    if (is_object)
        at = skip_word(skip_word(skip_word(at, "{", 0), "\"instances\"", 0), ":", 0);
    at = skip_word(at, "[", 0);
    for (int64_t rows = 1; at && rows * width <= capacity; rows++, out += width) {
        at = read_row(at, width, 0, out);
        if (at && *at == ']') {
            at = skip_word(at, "]", 0);
            if (is_object)
                at = skip_word(at, "}", 0);
            return at == text + length ? rows : -1;
        }
        at = skip_word(at, ",", 0);
    }
    return -1;
}

/* As read_csv, for one row of JSON in each line; empty lines do not count. */
int64_t read_json_lines(const char *text, int64_t length, int64_t width, int64_t capacity, float *out)
{
    const char *at = skip_space(text, 0);
    for (int64_t rows = 1; at && rows * width <= capacity; rows++, out += width) {
        at = read_row(at, width, 1, out);
        if (at == NULL || (*at != '\n' && !(*at == '\r' && at[1] == '\n') && at != text + length))
            return -1;
        at = skip_space(at, 0);
        if (at == text + length)
            return rows;
    }
    return -1;
}

static const char *skip_libsvm_space(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* The end of what Python skips from `at` on: to the end of a word, or of the line; NULL if it is not plain text. */
static const char *skip_text(const char *at, const char *end, int is_word)
{
    for (; at < end && *at != '\n' && !(is_word && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '#')); at++)
        if ((unsigned char)*at >= 0x80 || ((unsigned char)*at < ' ' && *at != '\t' && *at != '\r'))
            return NULL;
    return at;
}

/* The number of rows of LibSVM, `[label] index:value ... # comment`; -1 for what is not so usual.

`out` has `rows` rows of `width`, one for each line. The value of an index goes to column index - `shift` of its row, if
there is such a column. `bounds` becomes the least index and the largest; it stays as it is without any. */
int64_t read_libsvm(const char *text, int64_t length, int64_t width, int64_t rows, int64_t shift, int64_t *bounds,
                    float *out)
{
    const char *at = text, *end = text + length;
    for (int64_t row = 1; row <= rows; row++, at++, out += width) {
        for (at = skip_libsvm_space(at); at != end && *at != '\n' && *at != '#'; at = skip_libsvm_space(at)) {
            const char *word = at;
            int64_t index = 0;
            float number;
            for (; is_digit(*at) && at - word < 10; at++)
                index = 10 * index + (*at - '0');
            if (*at == ':' && at != word) {
                const char *value = ++at;
                if ((at = read_number(value, 0, &number)) == NULL)
                    return -1;
                bounds[0] = index < bounds[0] ? index : bounds[0];
                bounds[1] = index > bounds[1] ? index : bounds[1];
                if (index >= shift && index - shift < width)
                    out[index - shift] = *value == '-' ? -fabsf(number) : number; /* -0 is -0.0 */
            } else if (strncmp(word, "qid:", 4) == 0) {
                if ((at = skip_text(word, end, 1)) == NULL)
                    return -1;
            } else if ((at = read_number(word, 0, &number)) == NULL) /* a label, which is not used */
                return -1;
            if (at != end && *at != ' ' && *at != '\t' && *at != '\r' && *at != '\n' && *at != '#')
                return -1;
        }
        if (*at == '#' && (at = skip_text(at, end, 0)) == NULL)
            return -1;
        if (at == end)
            return row;
    }
    return -1;
}
