"""Products of matrices, in the language of `language.py`.

The right matrix is copied, a panel of WIDTH columns at a time, and met with tiles of the left one (`tiles.py`): the
scheme of Goto and van de Geijn ("Anatomy of high-performance matrix multiplication", 2008), but the left matrix is read
where it lies.
"""

from __future__ import annotations

from .words import (
    DEPTH,
    HEIGHT1,
    HEIGHT2,
    HEIGHT3,
    LANES,
    PADDED,
    ROWS,
    TILES,
    WIDTH,
    Array,
    local,
    product,
    real,
    tile,
    turned,
)


def copy_panel(depth, columns, b: Array, row, column, panel: Array):
    """`depth` lines of `columns` numbers, filled with zeros to WIDTH."""
    if columns < WIDTH:
        for i in range(depth * WIDTH):
            panel[i] = 0.0
        for k in range(depth):
            for j in range(columns):
                panel[k * WIDTH + j] = b[k * row + j * column]
    else:
        if column == 1:
            for k in range(depth):
                for j in range(WIDTH):
                    panel[k * WIDTH + j] = b[k * row + j]
        else:
            whole = 0
            if row == 1:
                whole = depth - depth % LANES
                for k in range(0, whole, LANES):
                    for j in range(0, WIDTH, LANES):
                        turned(b[j * column + k :], column, panel[k * WIDTH + j :], WIDTH)
            for k in range(whole, depth):
                for j in range(WIDTH):
                    panel[k * WIDTH + j] = b[k * row + j * column]


def height_for(left):
    """The height of the next tile, where so many rows are left."""
    height = HEIGHT1
    if left <= HEIGHT2 + HEIGHT3:
        height = HEIGHT2
    if left <= HEIGHT3:
        height = HEIGHT3
    return height


def column_of_tiles(m, depth, columns, a: Array, row, column, packed, panel: Array, c: Array, ldc, add, edge: Array):
    """A panel's share of the result: tiles below each other, of the height that fits what is left."""
    i = 0
    while i < m:
        height = height_for(m - i)
        rows = height if height < m - i else m - i
        first = a[i * depth if packed != 0 else i * row :]
        across = height if packed != 0 else column
        target = c[i * ldc :]
        width = ldc
        adds = add
        if columns < WIDTH:
            # at the right border, by way of memory of the full width
            target = edge
            width = WIDTH
            adds = 0
        if height == HEIGHT1:
            tile(HEIGHT1, depth, first, row, across, rows, panel, target, width, adds)
        if height == HEIGHT2:
            tile(HEIGHT2, depth, first, row, across, rows, panel, target, width, adds)
        if height == HEIGHT3:
            tile(HEIGHT3, depth, first, row, across, rows, panel, target, width, adds)
        if columns < WIDTH:
            for r in range(rows):
                for j in range(columns):
                    old = 0.0
                    if add != 0:
                        old = c[(i + r) * ldc + j]
                    c[(i + r) * ldc + j] = old + edge[r * WIDTH + j]
        i += height


def copy_rows(rows, depth, a: Array, row, block: Array):
    for r in range(rows):
        for k in range(depth):
            block[r * PADDED + k] = a[r * row + k]


def pack_columns(rows, depth, a: Array, column, block: Array):
    """Of a matrix that lies column by column, tile after tile, the columns of each."""
    i = 0
    while i < rows:
        height = height_for(rows - i)
        there = height if height < rows - i else rows - i
        target = block[i * depth :]
        if there == HEIGHT1:
            for k in range(depth):
                for r in range(HEIGHT1):
                    target[k * HEIGHT1 + r] = a[k * column + i + r]
        else:
            for k in range(depth):
                for r in range(there):
                    target[k * height + r] = a[k * column + i + r]
        i += height


def tiled_product(m, n, k, a: Array, a_row, a_column, b: Array, b_row, b_column, c: Array, ldc, add, block: Array):
    panel = local(DEPTH * WIDTH)
    edge = local(HEIGHT1 * WIDTH)
    # rows that are a multiple of 1 kB apart would drive each other out of the cache
    copied = n > WIDTH and a_column == 1 and a_row % 256 == 0
    packed = n > 2 * WIDTH and a_column != 1 and a_row == 1
    for top in range(0, m, ROWS):
        rows = m - top if m - top < ROWS else ROWS
        for first in range(0, k, DEPTH):
            depth = k - first if k - first < DEPTH else DEPTH
            left = a[top * a_row + first * a_column :]
            row = a_row
            in_tiles = 0
            if copied:
                copy_rows(rows, depth, left, a_row, block)
                left = block
                row = PADDED
            if packed:
                pack_columns(rows, depth, left, a_column, block)
                left = block
                in_tiles = 1
            adds = add
            if first > 0:
                adds = 1
            for j in range(0, n, WIDTH):
                columns = n - j if n - j < WIDTH else WIDTH
                copy_panel(depth, columns, b[first * b_row + j * b_column :], b_row, b_column, panel)
                target = c[top * ldc + j :]
                column_of_tiles(rows, depth, columns, left, row, a_column, in_tiles, panel, target, ldc, adds, edge)


def matrix_product(m, n, k, a: Array, a_row, a_column, b: Array, b_row, b_column, c: Array, ldc, add, block: Array):
    """c ← a·b, or c + a·b. Neighbours in a column of a are `a_row` apart, in a row `a_column`; in c, 1.

    `block` has room for ROWS * PADDED numbers. On a processor whose vectors are not known, NumPy's BLAS does it.
    """
    if TILES:
        tiled_product(m, n, k, a, a_row, a_column, b, b_row, b_column, c, ldc, add, block)
    else:
        # BLAS wants rows that do not overlap, also where there is one row alone
        left = a_row if a_row > k else k
        left_turned = 0
        if a_column != 1 and k > 1:
            left = a_column if a_column > m else m
            left_turned = 1
        right = b_row if b_row > n else n
        right_turned = 0
        if b_column != 1 and n > 1:
            right = b_column if b_column > k else k
            right_turned = 1
        product(left_turned, right_turned, m, n, k, a, left, b, right, real(add), c, ldc)


# ---- kernels ---------------------------------------------------------------------------------------------------------


def multiply(
    begin, end, part, by_rows, m, n, k, a: Array, a_row, a_column, b: Array, b_row, b_column, out: Array,
    room: Array, size,
):  # fmt: skip
    """`a @ b`, by rows or by columns of the result, (m, n)."""
    block = room[part * size :]
    if by_rows != 0:
        first = a[begin * a_row :]
        target = out[begin * n :]
        matrix_product(end - begin, n, k, first, a_row, a_column, b, b_row, b_column, target, n, 0, block)
    else:
        first = b[begin * b_column :]
        matrix_product(m, end - begin, k, a, a_row, a_column, first, b_row, b_column, out[begin:], n, 0, block)


def multiply_batches(
    begin, end, part, inner, m, n, k, a: Array, a_outer, a_inner, a_row, a_column, b: Array, b_outer, b_inner, b_row,
    b_column, out: Array, room: Array, size,
):  # fmt: skip
    """The products of two batches, (outer, inner) of them, each with the steps that are given."""
    block = room[part * size :]
    for i in range(begin, end):
        first = a[i // inner * a_outer + i % inner * a_inner :]
        second = b[i // inner * b_outer + i % inner * b_inner :]
        target = out[i * m * n :]
        matrix_product(m, n, k, first, a_row, a_column, second, b_row, b_column, target, n, 0, block)


def affine(begin, end, part, n, k, x: Array, weight: Array, bias: Array, out: Array, room: Array, size):
    """`x @ weight.T + bias`."""
    for row in range(begin, end):
        a = out[row * n :]
        for i in range(n):
            a[i] = bias[i]
    block = room[part * size :]
    matrix_product(end - begin, n, k, x[begin * k :], k, 1, weight, 1, k, out[begin * n :], n, 1, block)
