"""The networks whose weights are studied; training and evaluation of one network."""
