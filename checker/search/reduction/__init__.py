"""From a violation to a small one that is still proved."""
