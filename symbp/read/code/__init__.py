"""Training scripts in NumPy: followed by their syntax tree, never run."""
