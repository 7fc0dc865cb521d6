"""Yun, Sra and Jadbabaie (2019), Are deep ResNets provably better than linear predictors?"""
