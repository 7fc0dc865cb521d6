"""Problems and runs of projected stochastic gradient descent."""
