"""Batches, losses, and a training run."""
