"""What every arithmetic is made of: shapes, indices, kernels, arrays of numbers."""
