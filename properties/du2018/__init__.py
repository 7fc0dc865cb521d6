"""Du, Hu and Lee (2018), Algorithmic regularization: layers are automatically balanced."""
