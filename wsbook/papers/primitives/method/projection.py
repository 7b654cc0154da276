"""Moore-Penrose codes, by which paper A reconstructs held-out weights (section 4)."""

import torch
from torch import Tensor

# Below this ratio of the smallest to the largest pivot, rounding in the float64 Gram matrix of
# float32 atoms is no longer negligible and the pseudo-inverse has to drop directions.
WORST_PIVOT = 1e-5


def pseudo_inverse_codes(weights: Tensor, dictionary: Tensor) -> Tensor:
    """Codes W D^+ (..., n, k) of weights (..., n, d) for atoms (..., k, d), least norm where not unique.

    Solves the normal equations in float64 by Cholesky; runs whose Gram matrix is close to singular
    (repeated or zero atoms, or k > d) go through its eigenvalues instead. A dictionary that is not
    finite, as after a diverged run, has codes nan.
    """
    atoms = dictionary.double()
    gram = atoms @ atoms.mT
    inner = weights.double() @ atoms.mT
    factor, info = torch.linalg.cholesky_ex(gram)
    pivots = factor.diagonal(dim1=-2, dim2=-1)
    smallest = pivots.amin(-1) / pivots.amax(-1).clamp_min(torch.finfo(gram.dtype).tiny)
    singular = (info != 0) | ~(smallest > WORST_PIVOT)
    if not singular.any():
        return torch.cholesky_solve(inner.mT, factor).mT.to(weights.dtype)
    healthy = torch.where(singular[..., None, None], torch.eye(gram.shape[-1]).to(gram), factor)
    codes = torch.cholesky_solve(inner.mT, healthy).mT
    finite = gram.isfinite().all(-1).all(-1)[..., None, None]
    inverse = torch.linalg.pinv(torch.where(finite, gram, 0.0), rtol=WORST_PIVOT**2, hermitian=True)
    return torch.where(singular[..., None, None], inner @ inverse, codes).to(weights.dtype)
