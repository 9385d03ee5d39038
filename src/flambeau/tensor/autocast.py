"""Which dtype each operation computes in under `torch.autocast`: PyTorch's lists for the CPU, by public name or row.

An operation that is on no list computes in the dtype of what it gets.
"""

from __future__ import annotations

# in the dtype of the region: products, whose cost is worth the rounding
LOWER = """
    addbmm addmm baddbmm bmm conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
    linalg_vecdot linear linear_without_bias lstm matmul mm prelu rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell
    scaled_dot_product_attention
"""
# in float32: what would overflow or lose its digits
FLOAT32 = """
    adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits cdist
    cholesky cholesky_inverse cholesky_solve cosine_embedding_loss cross_entropy ctc_loss fft_fft fft_fft2 fft_fftn
    fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftn
    fractional_max_pool2d fractional_max_pool3d geqrf grid_sample grid_sampler grid_sampler_2d grid_sampler_3d
    hinge_embedding_loss huber_loss inverse kl_div l1_loss linalg_cholesky linalg_cholesky_ex linalg_cond linalg_eig
    linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv linalg_inv_ex linalg_lstsq
    linalg_matrix_rank linalg_qr linalg_solve linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve lu_solve
    margin_ranking_loss max_pool3d max_unpool2d max_unpool3d mse_loss multi_margin_loss multilabel_margin_loss
    nanquantile nll_loss orgqr ormqr pinverse poisson_nll_loss polar prod qr quantile reflect_pad_1 reflect_pad_2
    replicate_pad_1 replicate_pad_2 replicate_pad_3 smooth_l1_loss soft_margin_loss stft svd trace triangular_solve
    triplet_margin_loss view_as_complex
"""
# in the widest dtype that they get: what joins tensors
PROMOTE = "cat concat concatenate index_copy stack"
# in the dtype of the old state: recurrent steps, which add products to it
STATE = "gru gru_cell lstm_cell"

POLICIES = {
    name: policy
    for policy, names in (("lower", LOWER), ("float32", FLOAT32), ("promote", PROMOTE), ("state", STATE))
    for name in names.split()
}
