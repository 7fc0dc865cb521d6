"""Nguyen and Hein (2017), The loss surface of deep and wide neural networks."""
