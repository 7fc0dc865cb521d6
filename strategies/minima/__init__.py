"""Points near minima, found and constructed."""
