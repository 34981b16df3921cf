"""Figures that show no object: flowcharts, block diagrams, plots, circuits, molecules, tables."""

from ipatent.sample.diagrams.diagram import Diagram, Draughter

DIAGRAMS: dict[str, Draughter] = {}
"""All types by name."""

__all__ = ["DIAGRAMS", "Diagram"]
