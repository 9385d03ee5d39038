"""Native kernels, in the language of `language.py`: curves, softmax, normalisation, tables of rows.

Each works on numbers `begin` to `end` of what it is divided by: elements, rows or channels.
"""

from __future__ import annotations

from .words import Array, Ints, Real, double, larger, power_of_two, real, round, sqrt

# ---- curves ----------------------------------------------------------------------------------------------------------


def exp(x: Real) -> Real:
    """e to the power x for float32, within 2 ulp: a power of two, and a polynomial (Cephes) for what is left."""
    # the comparisons are false for nan, which stays
    a = 89.0 if x > 89.0 else x
    a = -104.0 if a < -104.0 else a
    n = round(a * 1.4426950408889634)
    r = a - n * 0.693359375
    r = r - n * -2.12194440054690583e-4
    p = 1.9875691500e-4
    p = p * r + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    y = p * r * r + r + 1.0
    half = round(n * 0.5)
    return y * power_of_two(half) * power_of_two(n - half)


def erf(x: Real) -> Real:
    """The error function for float32, within 2e-7: an odd polynomial near 0, elsewhere 1 - exp(polynomial). Both are
    least-squares fits, weighted until the largest error was least."""
    a = abs(x)
    a = 4.0 if a > 4.0 else a
    t = a * a
    p = 7.854021930960161e-05
    p = p * t - 0.0008010246270884611
    p = p * t + 0.005188334335636237
    p = p * t - 0.026853815976382582
    p = p * t + 0.11283585268357373
    p = p * t - 0.37612625839503444
    near = (p * t + 1.1283791657323037) * a
    q = 0.00019718242024945176
    q = q * a - 0.0030556138540606013
    q = q * a + 0.022277110224368544
    q = q * a - 0.10403740386452721
    q = q * a - 0.637059706685454
    q = q * a - 1.1277495878969617
    q = q * a - 0.0001774889766223918
    far = 1.0 - exp(q)
    y = near if a < 1.0 else far
    return y if x > 0.0 else -y


def sigmoid(x: Real) -> Real:
    return 1.0 / (1.0 + exp(-x))


def tanh(x: Real) -> Real:
    """The hyperbolic tangent for float32, within 2 ulp: an odd polynomial (fitted) near 0, elsewhere by exp."""
    a = abs(x)
    a = 10.0 if a > 10.0 else a
    t = a * a
    p = 0.002147541030338509
    p = p * t - 0.008182678796341864
    p = p * t + 0.021702969299466097
    p = p * t - 0.05394720471761541
    p = p * t + 0.13333209767880091
    p = p * t - 0.33333330906797615
    near = p * t * a + a
    far = 1.0 - 2.0 / (exp(a + a) + 1.0)
    y = near if a < 0.625 else far
    return y if x > 0.0 else -y


def expm1(x: Real) -> Real:
    """exp(x) - 1 for float32: a polynomial (fitted) near 0."""
    a = 0.5 if x > 0.5 else x
    a = -0.5 if a < -0.5 else a
    p = 2.497025612873981e-05
    p = p * a + 0.00019974020081913553
    p = p * a + 0.0013888543436876048
    p = p * a + 0.008333140749126349
    p = p * a + 0.04166666927370191
    p = p * a + 0.16666667460489892
    p = p * a + 0.49999999995036376
    near = p * a * a + a
    return near if abs(x) < 0.5 else exp(x) - 1.0


# ---- softmax of rows of n: nan makes the sum of exponentials nan, and so the row -------------------------------------


def largest(n, a: Array) -> Real:
    top = a[0]
    for i in range(1, n):
        top = larger(top, a[i])
    return top


def softmax(begin, end, part, n, x: Array, out: Array):
    for row in range(begin, end):
        a = x[row * n :]
        b = out[row * n :]
        top = largest(n, a)
        total = 0.0
        for i in range(n):
            e = exp(a[i] - top)
            b[i] = e
            total += e
        for i in range(n):
            b[i] = b[i] / total


def softmax_gradient(begin, end, part, n, g: Array, result: Array, out: Array):
    for row in range(begin, end):
        a = g[row * n :]
        b = result[row * n :]
        c = out[row * n :]
        total = 0.0
        for i in range(n):
            total += a[i] * b[i]
        for i in range(n):
            c[i] = b[i] * (a[i] - total)


def exponentials(begin, end, part, n, x: Array, tops: Array, totals: Array):
    """The largest number of each row, and the sum of exp(x - largest)."""
    for row in range(begin, end):
        a = x[row * n :]
        top = largest(n, a)
        total = 0.0
        for i in range(n):
            total += exp(a[i] - top)
        tops[row] = top
        totals[row] = total


def minus_logarithms(begin, end, part, n, x: Array, tops: Array, logarithms: Array, out: Array):
    for row in range(begin, end):
        a = x[row * n :]
        b = out[row * n :]
        for i in range(n):
            b[i] = (a[i] - tops[row]) - logarithms[row]


def log_softmax_gradient(begin, end, part, n, g: Array, result: Array, out: Array):
    for row in range(begin, end):
        a = g[row * n :]
        b = result[row * n :]
        c = out[row * n :]
        total = 0.0
        for i in range(n):
            total += a[i]
        for i in range(n):
            c[i] = a[i] - exp(b[i]) * total


def attention_softmax(begin, end, part, queries, keys, scale: Real, causal, scores: Array):
    """Softmax of each row of scores times a scale, in place; where causal, query i looks at keys 0 to i.

    Loops go over the whole row: they are of vectors then, and the rest of a short row would cost more.
    """
    for row in range(begin, end):
        a = scores[row * keys :]
        n = keys
        if causal != 0:
            n = row % queries + 1
        top = a[0] * scale
        for i in range(keys):
            top = larger(top, a[i] * scale if i < n else -3.4e38)
        total = 0.0
        for i in range(keys):
            e = exp(a[i] * scale - top) if i < n else 0.0
            a[i] = e
            total += e
        for i in range(keys):
            a[i] = a[i] / total


# ---- sums ------------------------------------------------------------------------------------------------------------


def sums(begin, end, part, outer, channels, inner, x: Array, out: Array):
    """Of (outer, channels, inner), the sum over all but the channels. Sums of 1024 numbers are added as doubles."""
    for c in range(begin, end):
        total = double(0)
        for n in range(outer):
            a = x[(n * channels + c) * inner :]
            for start in range(0, inner, 1024):
                stop = start + 1024 if start + 1024 < inner else inner
                few = 0.0
                for i in range(start, stop):
                    few += a[i]
                total += double(few)
        out[c] = total


def column_sums(begin, end, part, n, x: Array, room: Array, size):
    """The sums of rows, a total for each part of the work; 64 rows are added up before they are added to it."""
    total = room[part * size :]
    few = total[n:]
    for i in range(2 * n):
        total[i] = 0.0
    for first in range(begin, end, 64):
        last = first + 64 if first + 64 < end else end
        for row in range(first, last):
            a = x[row * n :]
            for i in range(n):
                few[i] = few[i] + a[i]
        for i in range(n):
            total[i] = total[i] + few[i]
            few[i] = 0.0


# ---- normalisation of (outer, channels, inner) over all but the channels ---------------------------------------------


def moments(begin, end, part, outer, channels, inner, x: Array, mean: Array, var: Array):
    """The mean and the variance (not corrected for bias), in two passes."""
    count = double(outer * inner)
    for c in range(begin, end):
        sum = double(0)
        for n in range(outer):
            a = x[(n * channels + c) * inner :]
            few = 0.0
            for i in range(inner):
                few += a[i]
            sum += double(few)
        middle = real(sum / count)
        squares = double(0)
        for n in range(outer):
            a = x[(n * channels + c) * inner :]
            few = 0.0
            for i in range(inner):
                few += (a[i] - middle) * (a[i] - middle)
            squares += double(few)
        mean[c] = middle
        var[c] = squares / count


def layer_norm(
    begin, end, part, n, x: Array, mean: Array, var: Array, weight: Array, bias: Array, eps: Real, out: Array
):
    for row in range(begin, end):
        a = x[row * n :]
        b = out[row * n :]
        scale = 1.0 / sqrt(var[row] + eps)
        shift = mean[row]
        for i in range(n):
            b[i] = (a[i] - shift) * scale * weight[i] + bias[i]


def layer_norm_gradient(
    begin, end, part, n, g: Array, x: Array, mean: Array, var: Array, weight: Array, eps: Real, gx: Array, room: Array,
    size,
):  # fmt: skip
    """Also, for each part of the work, the gradients of weight and bias, one behind the other."""
    gw = room[part * size :]
    gb = gw[n:]
    for i in range(2 * n):
        gw[i] = 0.0
    for row in range(begin, end):
        a = g[row * n :]
        b = x[row * n :]
        c = gx[row * n :]
        scale = 1.0 / sqrt(var[row] + eps)
        shift = mean[row]
        total = 0.0
        along = 0.0
        for i in range(n):
            xhat = (b[i] - shift) * scale
            gw[i] = gw[i] + a[i] * xhat
            gb[i] = gb[i] + a[i]
            total += a[i] * weight[i]
            along += a[i] * weight[i] * xhat
        total = total / n
        along = along / n
        for i in range(n):
            c[i] = scale * (a[i] * weight[i] - total - (b[i] - shift) * scale * along)


def scale_channels(begin, end, part, outer, channels, inner, x: Array, scale: Array, shift: Array, out: Array):
    """`x * scale + shift`, both one number for each channel."""
    for c in range(begin, end):
        for n in range(outer):
            a = x[(n * channels + c) * inner :]
            b = out[(n * channels + c) * inner :]
            for i in range(inner):
                b[i] = a[i] * scale[c] + shift[c]


def batch_norm_gradient(
    begin, end, part, outer, channels, inner, g: Array, x: Array, mean: Array, var: Array, weight: Array, eps: Real, gx:
    Array, gw: Array, gb: Array,
):  # fmt: skip
    count = double(outer * inner)
    for c in range(begin, end):
        scale = 1.0 / sqrt(var[c] + eps)
        shift = mean[c]
        total = double(0)
        along = double(0)
        for n in range(outer):
            a = g[(n * channels + c) * inner :]
            b = x[(n * channels + c) * inner :]
            few = 0.0
            slope = 0.0
            for i in range(inner):
                few += a[i]
                slope += a[i] * (b[i] - shift)
            total += double(few)
            along += double(slope)
        gb[c] = total
        gw[c] = along * scale
        mean_g = real(total / count)
        tilt = real(along / count) * scale * scale
        factor = scale * weight[c]
        for n in range(outer):
            a = g[(n * channels + c) * inner :]
            b = x[(n * channels + c) * inner :]
            d = gx[(n * channels + c) * inner :]
            for i in range(inner):
                d[i] = factor * (a[i] - mean_g - (b[i] - shift) * tilt)


# ---- tables of rows --------------------------------------------------------------------------------------------------


def rows_summed(begin, end, part, n, count, keys: Ints, rows: Array, out: Array):
    """For each key from begin to end, the sum of the rows that have it, in their order."""
    for i in range(begin * n, end * n):
        out[i] = 0.0
    for k in range(count):
        key = keys[k]
        if key >= begin and key < end:
            a = rows[k * n :]
            b = out[key * n :]
            for i in range(n):
                b[i] = b[i] + a[i]
