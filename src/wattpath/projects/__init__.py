"""Publicly announced AI data centres as dated facts, and what the model says about them."""

from wattpath.projects.project import Project, Stage, load, projects

__all__ = ["Project", "Stage", "load", "projects"]
