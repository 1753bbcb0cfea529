"""Verdicts on training scripts and on gradients written in NumPy."""
