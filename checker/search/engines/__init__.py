"""Engines that do the jobs of a run elsewhere than in processes of this machine."""
