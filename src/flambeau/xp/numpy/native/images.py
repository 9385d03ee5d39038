"""Native kernels of images, in the language of `language.py`: convolution by matrix products, and pooling.

Images are (N, C, H, W) with the planes of each image dense; what lies between images is passed. Work is divided into
pieces: some output rows of one image, whose patches (`columns`) stay in a core's cache and are never all stored.
"""

from __future__ import annotations

from .products import column_of_tiles, copy_rows, matrix_product
from .words import DEPTH, HEIGHT1, PADDED, ROWS, TILES, WIDTH, Array, Real, local, maximum

# ---- convolution -----------------------------------------------------------------------------------------------------


def first_inside(shift, step) -> int:
    """The first q ≥ 0 with q * step + shift ≥ 0."""
    return 0 if shift >= 0 else (step - 1 - shift) // step


def end_inside(shift, step, size, count) -> int:
    """Where the q below count with q * step + shift < size end."""
    end = (size - 1 - shift) // step + 1 if size > shift else 0
    return end if end < count else count


def columns(x: Array, col: Array, channels, h, w, ow, kh, kw, sh, sw, ph, pw, dh, dw, first, rows):
    """Patches: for each channel and kernel position a row of `col`, the elements it meets in some output rows."""
    places = rows * ow
    for c in range(channels):
        for i in range(kh):
            for j in range(kw):
                target = col[((c * kh + i) * kw + j) * places :]
                shift = j * dw - pw
                low = first_inside(shift, sw)
                high = end_inside(shift, sw, w, ow)
                if high < low:
                    high = low
                for r in range(rows):
                    y = (first + r) * sh - ph + i * dh
                    line = target[r * ow :]
                    if y < 0 or y >= h:
                        for q in range(ow):
                            line[q] = 0.0
                    else:
                        source = x[(c * h + y) * w :]
                        for q in range(low):
                            line[q] = 0.0
                        if sw == 1:
                            for q in range(low, high):
                                line[q] = source[q + shift]
                        else:
                            for q in range(low, high):
                                line[q] = source[q * sw + shift]
                        for q in range(high, ow):
                            line[q] = 0.0


def add_columns(x: Array, col: Array, channels, h, w, ow, kh, kw, sh, sw, ph, pw, dh, dw, first, rows):
    """The transpose of `columns`: adds each row of `col` to where its elements were taken."""
    places = rows * ow
    for c in range(channels):
        for i in range(kh):
            for j in range(kw):
                source = col[((c * kh + i) * kw + j) * places :]
                shift = j * dw - pw
                low = first_inside(shift, sw)
                high = end_inside(shift, sw, w, ow)
                for r in range(rows):
                    y = (first + r) * sh - ph + i * dh
                    if y >= 0 and y < h:
                        line = source[r * ow :]
                        target = x[(c * h + y) * w :]
                        if sw == 1:
                            for q in range(low, high):
                                target[q + shift] = target[q + shift] + line[q]
                        else:
                            for q in range(low, high):
                                target[q * sw + shift] = target[q * sw + shift] + line[q]


def padded_image(x: Array, out: Array, channels, h, w, ph, pw):
    """A copy with zeros around it, and some more behind it: `patch_panel` reads a line too far."""
    wide = w + 2 * pw
    for c in range(channels):
        for y in range(h + 2 * ph):
            line = out[(c * (h + 2 * ph) + y) * wide :]
            if y < ph or y >= h + ph:
                for q in range(wide):
                    line[q] = 0.0
            else:
                source = x[(c * h + y - ph) * w :]
                for q in range(pw):
                    line[q] = 0.0
                    line[pw + w + q] = 0.0
                for q in range(w):
                    line[pw + q] = source[q]
    rest = out[channels * (h + 2 * ph) * wide :]
    for q in range(WIDTH):
        rest[q] = 0.0


def patch_panel(depth, first, columns, image: Array, plane, wide, place, ow, kh, kw, sh, sw, dh, dw, panel: Array):
    """Lines of patches: for kernel positions from `first` on, what they meet at places from `place` on.

    Whole lines are copied, and what is too much is overwritten by the next.
    """
    c = first // (kh * kw)
    i = first // kw % kh
    j = first % kw
    for k in range(depth):
        source = image[c * plane + i * dh * wide + j * dw :]
        lane = 0
        y = place // ow
        x = place % ow
        while lane < columns:
            here = source[y * sh * wide + x * sw :]
            there = panel[k * WIDTH + lane :]
            if sw == 1:
                for q in range(WIDTH):
                    there[q] = here[q]
            else:
                many = ow - x if ow - x < columns - lane else columns - lane
                for q in range(many):
                    there[q] = here[q * sw]
            lane += ow - x
            x = 0
            y += 1
        j += 1
        if j == kw:
            j = 0
            i += 1
        if i == kh:
            i = 0
            c += 1


def tiled_convolution(
    outputs, depth, weight: Array, image: Array, plane, wide, first_place, places, ow, kh, kw, sh, sw, dh, dw,
    target: Array, ldc, add, block: Array,
):  # fmt: skip
    """`tiled_product` of kernels and patches, which go straight from the image to the panels."""
    panel = local(DEPTH * WIDTH + WIDTH)
    edge = local(HEIGHT1 * WIDTH)
    copied = places > WIDTH and depth % 256 == 0
    for top in range(0, outputs, ROWS):
        rows = outputs - top if outputs - top < ROWS else ROWS
        for first in range(0, depth, DEPTH):
            some = depth - first if depth - first < DEPTH else DEPTH
            left = weight[top * depth + first :]
            row = depth
            if copied:
                copy_rows(rows, some, left, depth, block)
                left = block
                row = PADDED
            adds = add
            if first > 0:
                adds = 1
            for p in range(0, places, WIDTH):
                columns = places - p if places - p < WIDTH else WIDTH
                place = first_place + p
                patch_panel(some, first, columns, image, plane, wide, place, ow, kh, kw, sh, sw, dh, dw, panel)
                here = target[top * ldc + p :]
                column_of_tiles(rows, some, columns, left, row, 1, 0, panel, here, ldc, adds, edge)


def conv_forward(
    begin, end, part, x: Array, weight: Array, bias: Array, out: Array, room: Array, size, x_image, out_image, has_bias,
    splits, direct, per_piece, channels, outputs, h, w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw,
):  # fmt: skip
    """By pieces of images, each of them `splits` times, for some of the outputs."""
    depth = channels * kh * kw
    block = room[part * size :]
    patches = block[ROWS * PADDED :]
    pieces = (oh + per_piece - 1) // per_piece
    padded = 0 - 1
    for number in range(begin, end):
        piece = number // splits
        low = number % splits * outputs // splits
        many = (number % splits + 1) * outputs // splits - low
        image = x[piece // pieces * x_image :]
        first = piece % pieces * per_piece
        rows = per_piece if first + per_piece <= oh else oh - first
        places = rows * ow
        target = out[piece // pieces * out_image + low * oh * ow + first * ow :]
        left = weight[low * depth :]
        if has_bias != 0:
            for o in range(many):
                for p in range(places):
                    target[o * oh * ow + p] = bias[low + o]
        if direct != 0:
            right = image[first * ow :]
            matrix_product(many, places, depth, left, depth, 1, right, h * w, 1, target, oh * ow, has_bias, block)
        else:
            if TILES:
                if padded != piece // pieces:
                    padded_image(image, patches, channels, h, w, ph, pw)
                    padded = piece // pieces
                wide = w + 2 * pw
                plane = (h + 2 * ph) * wide
                tiled_convolution(
                    many, depth, left, patches, plane, wide, first * ow, places, ow, kh, kw, sh, sw, dh, dw, target,
                    oh * ow, has_bias, block,
                )  # fmt: skip
            else:
                columns(image, patches, channels, h, w, ow, kh, kw, sh, sw, ph, pw, dh, dw, first, rows)
                matrix_product(
                    many, places, depth, left, depth, 1, patches, places, 1, target, oh * ow, has_bias, block
                )


def conv_weight_gradient(
    begin, end, part, x: Array, g: Array, room: Array, size, x_image, g_image, direct, per_piece, channels, outputs, h,
    w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw,
):  # fmt: skip
    """For each part of the work a gradient, (channels * kh * kw, outputs): the longer side comes first, since the other
    one's matrix is copied. Behind it is room for patches."""
    depth = channels * kh * kw
    block = room[part * size :]
    gw = block[ROWS * PADDED :]
    col = gw[depth * outputs :]
    for i in range(depth * outputs):
        gw[i] = 0.0
    pieces = (oh + per_piece - 1) // per_piece
    for piece in range(begin, end):
        image = x[piece // pieces * x_image :]
        first = piece % pieces * per_piece
        rows = per_piece if first + per_piece <= oh else oh - first
        places = rows * ow
        source = g[piece // pieces * g_image + first * ow :]
        left = image[first * ow :]
        step = h * w
        if direct == 0:
            columns(image, col, channels, h, w, ow, kh, kw, sh, sw, ph, pw, dh, dw, first, rows)
            left = col
            step = places
        matrix_product(depth, outputs, places, left, step, 1, source, 1, oh * ow, gw, outputs, 1, block)


def conv_input_gradient(
    begin, end, part, g: Array, weight: Array, bias: Array, gx: Array, room: Array, size, g_image, x_image, has_bias,
    direct, per_piece, channels, outputs, h, w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw,
):  # fmt: skip
    """By images: pieces of one image overlap. The bias is that of a transposed convolution."""
    depth = channels * kh * kw
    block = room[part * size :]
    col = block[ROWS * PADDED :]
    for n in range(begin, end):
        image = gx[n * x_image :]
        for c in range(channels):
            start = 0.0
            if has_bias != 0:
                start = bias[c]
            for p in range(h * w):
                image[c * h * w + p] = start
        if direct != 0:
            source = g[n * g_image :]
            matrix_product(depth, oh * ow, outputs, weight, 1, depth, source, oh * ow, 1, image, h * w, 1, block)
        else:
            for first in range(0, oh, per_piece):
                rows = per_piece if first + per_piece <= oh else oh - first
                places = rows * ow
                source = g[n * g_image + first * ow :]
                matrix_product(depth, places, outputs, weight, 1, depth, source, oh * ow, 1, col, places, 0, block)
                add_columns(image, col, channels, h, w, ow, kh, kw, sh, sw, ph, pw, dh, dw, first, rows)


# ---- one input channel for each output -------------------------------------------------------------------------------


def depthwise_forward(
    begin, end, part, x: Array, weight: Array, bias: Array, out: Array, has_bias, groups, copies, h, w, oh, ow, kh, kw,
    sh, sw, ph, pw, dh, dw,
):  # fmt: skip
    """By output planes; `copies` of them for each input channel."""
    for plane in range(begin, end):
        o = plane % (groups * copies)
        target = out[plane * oh * ow :]
        source = x[plane // copies * h * w :]
        start = 0.0
        if has_bias != 0:
            start = bias[o]
        for p in range(oh * ow):
            target[p] = start
        for i in range(kh):
            for j in range(kw):
                factor = weight[(o * kh + i) * kw + j]
                shift = j * dw - pw
                low = first_inside(shift, sw)
                high = end_inside(shift, sw, w, ow)
                for r in range(oh):
                    y = r * sh - ph + i * dh
                    if y >= 0 and y < h:
                        a = source[y * w :]
                        b = target[r * ow :]
                        if sw == 1:
                            for q in range(low, high):
                                b[q] = b[q] + factor * a[q + shift]
                        else:
                            for q in range(low, high):
                                b[q] = b[q] + factor * a[q * sw + shift]


# ---- pooling ---------------------------------------------------------------------------------------------------------


def max_pool(begin, end, part, x: Array, out: Array, room: Array, size, h, w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw):
    """By planes. There is room for one image row: the largest of each column of a row of windows."""
    line = room[part * size :]
    for plane in range(begin, end):
        for r in range(oh):
            low = first_inside(r * sh - ph, dh)
            high = end_inside(r * sh - ph, dh, h, kh)
            a = x[(plane * h + r * sh - ph + low * dh) * w :]
            for q in range(w):
                line[q] = a[q]
            for i in range(low + 1, high):
                b = x[(plane * h + r * sh - ph + i * dh) * w :]
                for q in range(w):
                    line[q] = maximum(line[q], b[q])
            target = out[(plane * oh + r) * ow :]
            if kw == 2 and sw == 2 and pw == 0 and dw == 1:
                for q in range(ow):
                    target[q] = maximum(line[q * 2], line[q * 2 + 1])
            else:
                for q in range(ow):
                    left = first_inside(q * sw - pw, dw)
                    best = line[q * sw - pw + left * dw]
                    for j in range(left + 1, end_inside(q * sw - pw, dw, w, kw)):
                        best = maximum(best, line[q * sw - pw + j * dw])
                    target[q] = best


def add_to_largest(g: Real, x: Array, gx: Array, row, column, h, w, kh, kw, dh, dw):
    """Add g where a window has its maximum: the first of equal ones, the last of several NaN."""
    best = x[0]
    place = 0 - 1
    for i in range(first_inside(row, dh), end_inside(row, dh, h, kh)):
        for j in range(first_inside(column, dw), end_inside(column, dw, w, kw)):
            at = (row + i * dh) * w + column + j * dw
            value = x[at]
            if place < 0 or value > best or value != value:
                best = value
                place = at
    gx[place] = gx[place] + g


def max_pool_gradient(
    begin, end, part, g: Array, x: Array, maxima: Array, gx: Array, h, w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw
):
    """By planes."""
    for plane in range(begin, end):
        image = x[plane * h * w :]
        target = gx[plane * h * w :]
        even = 0
        if kh == 2 and kw == 2 and sh == 2 and sw == 2 and dh == 1 and dw == 1 and h == oh * 2 and w == ow * 2:
            # no room for padding, then
            even = 1
        if even == 0:
            for p in range(h * w):
                target[p] = 0.0
        for r in range(oh):
            source = g[(plane * oh + r) * ow :]
            largest = maxima[(plane * oh + r) * ow :]
            strange = even == 0
            if even != 0:
                # every element is written once; a window with NaN is done again below
                odd = 0.0
                for q in range(ow):
                    odd += 0.0 if largest[q] == largest[q] else 1.0
                strange = odd > 0.0
            if strange:
                if even != 0:
                    for q in range(2 * w):
                        target[r * 2 * w + q] = 0.0
                for q in range(ow):
                    add_to_largest(source[q], image, target, r * sh - ph, q * sw - pw, h, w, kh, kw, dh, dw)
            else:
                a = image[r * 2 * w :]
                c = target[r * 2 * w :]
                for q in range(ow):
                    m = largest[q]
                    hit0 = a[q * 2] == m
                    hit1 = a[q * 2 + 1] == m and not hit0
                    hit2 = a[w + q * 2] == m and not (hit0 or hit1)
                    c[q * 2] = source[q] if hit0 else 0.0
                    c[q * 2 + 1] = source[q] if hit1 else 0.0
                    c[w + q * 2] = source[q] if hit2 else 0.0
                    c[w + q * 2 + 1] = 0.0 if hit0 or hit1 or hit2 else source[q]
