"""The theorems: a module per paper, and their false neighbours."""
