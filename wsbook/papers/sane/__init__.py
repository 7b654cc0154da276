"""Paper B: autoencoders of sequences of weight tokens, over one zoo or many."""
