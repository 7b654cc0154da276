"""Paper C: implicit neural representations of the convolution kernels of a trained network."""
