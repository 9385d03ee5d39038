"""What an array namespace `xp` offers to the rows: Array API names, plus a short list of extras.

`ARRAY_API` are functions of the Python array API standard (2024.12), with its argument names. `EXTRAS` are ours; the
signature and the meaning of each is its docstring in `xp/numpy.py`. Rows may use nothing else.
"""

ELEMENTWISE = (
    "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or "
    "bitwise_right_shift bitwise_xor ceil conj copysign cos cosh divide equal exp expm1 floor floor_divide greater "
    "greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and "
    "logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow real "
    "reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc"
).split()
REDUCTIONS = "all any argmax argmin cumulative_prod cumulative_sum max mean min prod sum".split()
CREATION = (
    "arange asarray empty empty_like eye full full_like linspace ones ones_like tril triu zeros zeros_like".split()
)
MANIPULATION = (
    "astype broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile"
).split()
SEARCHING = "argsort nonzero searchsorted sort take take_along_axis where".split()
LINEAR_ALGEBRA = "matmul matrix_transpose tensordot vecdot".split()

ARRAY_API = (*ELEMENTWISE, *REDUCTIONS, *CREATION, *MANIPULATION, *SEARCHING, *LINEAR_ALGEBRA)

EXTRAS = (
    # elementwise
    "fmod ldexp float_power fmax fmin logaddexp2 exp2 heaviside gcd lcm angle rint sigmoid rsqrt sinc deg2rad rad2deg "
    "erf erfc erfinv lgamma digamma polygamma igamma igammac i0 i0e i1 i1e zeta ndtri nan_to_num frexp "
    "trunc_divide clamp view_as_real view_as_complex erfcx log_ndtr airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 "
    "modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 "
    "scaled_modified_bessel_k1 spherical_bessel_j0 hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l "
    "legendre_polynomial_p chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w "
    "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
    "shifted_chebyshev_polynomial_w "
    # memory and indexing
    "spread view_shape view_bytes fill as_strided getitem put index_add scatter_add scatter diagonal diag_embed "
    "view_as copy copy_as contiguous "
    "gather scatter_prod scatter_extreme index_select index_copy index_fill masked_select masked_scatter argwhere "
    "diagonal_scatter strided_write windows fold_windows search_rows "
    # several elements at once
    "einsum pad unfold "
    # along an axis
    "cumulative_max cumulative_min cumulative_logsumexp linear_recurrence "
    "sort_along top_along kth_along median_along mode_along spread_along sum_of_squares "
    # linear algebra
    "mm mv dot linear scaled_add conjugate_transpose fft_c2c fft_r2c fft_c2r "
    "frames_of overlap_add "
    "linalg_cholesky_ex linalg_cofactor linalg_det linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh "
    "linalg_geqrf linalg_inv_ex linalg_ldl_factor linalg_ldl_solve linalg_lstsq linalg_lu_factor_ex "
    "linalg_matrix_exp linalg_pinv linalg_pivot_order linalg_qr linalg_slogdet linalg_solve_ex "
    "linalg_solve_triangular linalg_svd linalg_svdvals "
    # neural networks
    "softmax log_softmax softmax_grad log_softmax_grad nll nll_grad moments normalized standardized standardized_grad "
    "inverse_deviation scaled_shifted ctc ctc_grad embedding_grad bag_sum column_scatter "
    "safe_softmax attention_weights total_of_squares "
    # images
    "conv_forward conv_input_gradient conv_weight_gradient max_pool max_pool_gradient max_pool_select max_pool_places "
    "avg_pool avg_pool_gradient adaptive_avg_pool adaptive_avg_pool_gradient adaptive_max_places window_max_places "
    "pick_places add_places put_places unfold_patches fold_patches constant_pad repeating_pad repeating_pad_gradient "
    "resample resample_gradient "
    # sequences
    "lstm_layer lstm_layer_gradient gru_layer gru_layer_gradient rnn_layer rnn_layer_gradient vjp "
    # random numbers
    "standard_gamma_grad dirichlet_grad "
    # metadata
    "complex_of real_of is_complex is_floating result_of widen"
).split()
