"""Part X: the methods of the three papers, and their rivals, on the same networks."""
