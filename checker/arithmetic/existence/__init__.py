"""Points that are proved to exist, or not to: zeros, minima and saddles in a box, by balls."""
