"""Shamir (2018), Are ResNets provably better than linear predictors?"""
