"""The objects that theorems speak of: samples, losses, feature maps, objectives, critical points."""
