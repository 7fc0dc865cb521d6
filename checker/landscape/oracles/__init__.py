"""Second computations of what the landscapes compute, for `checker verify`."""
