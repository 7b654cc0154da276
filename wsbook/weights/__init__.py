"""Networks as data: kernels, weight vectors, alignment of neurons, spectra."""
