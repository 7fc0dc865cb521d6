"""Hypothesis strategies for samples, losses, feature maps, points and critical points."""
