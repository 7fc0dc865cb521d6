"""Hardt and Ma (2017), Identity matters in deep learning."""
