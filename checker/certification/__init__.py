"""What the theorems say of a trained network at hand."""
