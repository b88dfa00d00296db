"""Wattpath: plan AI compute from token to grid."""

__version__ = "0.1.0"
