"""Figures that show no object: flowcharts, block diagrams, graphs, circuits, formulas, listings, screens."""

from ipatent.sample.diagrams.charts import block_diagram, flowchart, table
from ipatent.sample.diagrams.diagram import Diagram, Draughter, Subject
from ipatent.sample.diagrams.measurements import chain, reaction, shares, spectrum, timing
from ipatent.sample.diagrams.papers import blank_form, chart_of_streets, sign, text_page
from ipatent.sample.diagrams.photographs import micrograph, object_photograph, scene
from ipatent.sample.diagrams.science import chemical_structure, circuit, graph
from ipatent.sample.diagrams.screens import dashboard, telephone, window
from ipatent.sample.diagrams.systems import (
    logic,
    nested_blocks,
    network,
    open_table,
    tables_in_text,
    winding_flowchart,
)
from ipatent.sample.diagrams.writing import alignment, bases, braces, equations, matrices, tagged

DIAGRAMS: dict[str, tuple[Draughter, ...]] = {
    "flowchart": (flowchart, winding_flowchart),
    "block diagram": (block_diagram, network, nested_blocks),
    "graph": (graph, spectrum, timing, shares),
    "circuit": (circuit, logic),
    "chemical structure": (chemical_structure, chain, reaction),
    "table": (table, tables_in_text, open_table),
    "photograph": (object_photograph, micrograph, scene),
    "mathematics": (equations, matrices),
    "sequence listing": (bases, alignment),
    "program listing": (braces, tagged),
    "GUI": (window, telephone, dashboard),
    "other": (chart_of_streets, text_page, blank_form, sign),
}
"""Every type of figure, as `ipatent.figure_type` names it, with the manners in which it is drawn."""

COMMON = ("block diagram", "chemical structure", "circuit", "flowchart", "graph", "table")
"""The types that most utility patents draw from."""

__all__ = ["COMMON", "DIAGRAMS", "Diagram", "Subject"]
