"""Figures that show no object: flowcharts, block diagrams, plots, circuits, molecules, tables."""

from ipatent.sample.diagrams.charts import block_diagram, flowchart, table
from ipatent.sample.diagrams.diagram import Diagram, Draughter, Subject
from ipatent.sample.diagrams.science import chemical_structure, circuit, plot

DIAGRAMS: dict[str, Draughter] = {
    "flowchart": flowchart,
    "block diagram": block_diagram,
    "plot": plot,
    "circuit": circuit,
    "chemical structure": chemical_structure,
    "table": table,
}
"""All types by name."""

__all__ = ["DIAGRAMS", "Diagram", "Subject"]
