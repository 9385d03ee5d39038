"""Linear algebra, `torch.linalg`: stacks of matrices stand in the last two dims, the dims before them are batches.

>>> A = tensor([[2., 1.], [1., 3.]])
>>> torch.linalg.solve(A, tensor([3., 4.]))
tensor([1., 1.])
"""

from __future__ import annotations

from .errors import LinAlgError
from .tensor import functions as _functions
from .tensor.functions import contractions as _contractions
from .tensor.functions import decompositions as _decompositions
from .tensor.functions import least_squares as _least_squares
from .tensor.functions import matrix_functions as _matrix_functions
from .tensor.functions import solvers as _solvers
from .tensor.public import public as _public
from .tensor.tensor import Tensor as _Tensor

# decompositions
cholesky = _decompositions.linalg_cholesky
cholesky_ex = _decompositions.linalg_cholesky_ex
lu = _decompositions.linalg_lu
lu_factor = _decompositions.linalg_lu_factor
lu_factor_ex = _decompositions.linalg_lu_factor_ex
ldl_factor = _decompositions.linalg_ldl_factor
ldl_factor_ex = _decompositions.linalg_ldl_factor_ex
qr = _decompositions.linalg_qr
householder_product = _decompositions.linalg_householder_product
eigh = _decompositions.linalg_eigh
eigvalsh = _decompositions.linalg_eigvalsh
eig = _decompositions.linalg_eig
eigvals = _decompositions.linalg_eigvals
svd = _decompositions.linalg_svd
svdvals = _decompositions.linalg_svdvals

# inverses, determinants, systems
inv = _solvers.linalg_inv
inv_ex = _solvers.linalg_inv_ex
pinv = _solvers.linalg_pinv
det = _solvers.linalg_det
slogdet = _solvers.linalg_slogdet
solve = _solvers.linalg_solve
solve_ex = _solvers.linalg_solve_ex
solve_triangular = _solvers.linalg_solve_triangular
lu_solve = _solvers.linalg_lu_solve
ldl_solve = _solvers.linalg_ldl_solve
lstsq = _least_squares.linalg_lstsq
tensorinv = _solvers.linalg_tensorinv
tensorsolve = _solvers.linalg_tensorsolve

# functions of matrices, norms
matrix_power = _matrix_functions.linalg_matrix_power
matrix_exp = _matrix_functions.linalg_matrix_exp
matrix_rank = _matrix_functions.linalg_matrix_rank
vander = _matrix_functions.linalg_vander
norm = _matrix_functions.linalg_norm
vector_norm = _matrix_functions.linalg_vector_norm
matrix_norm = _matrix_functions.linalg_matrix_norm
cond = _matrix_functions.linalg_cond

# products
cross = _contractions.linalg_cross
vecdot = _contractions.linalg_vecdot
multi_dot = _contractions.linalg_multi_dot


@_public(name="linalg_matmul", function=False, method=False, out=True)
def matmul(input: _Tensor, other: _Tensor) -> _Tensor:
    """Alias of `torch.matmul`."""
    return _functions.matmul(input, other)


@_public(name="linalg_diagonal", function=False, method=False)
def diagonal(A: _Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> _Tensor:
    """Alias of `torch.diagonal`, over the last two dims."""
    return _functions.diagonal(A, offset, dim1, dim2)


_own = sorted(name for name in globals() if not name.startswith("_") and name not in ("annotations", "LinAlgError"))
__all__ = ["LinAlgError", *_own]
