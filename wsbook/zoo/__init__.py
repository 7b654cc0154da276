"""Populations of networks."""
