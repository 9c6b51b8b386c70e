"""The hospital in pictures, drawn from the generator itself: python docs/hospital/draw.py [patients] [seed]

Writes the SVG files beside it and README.md, each picture with its figures as a table. Needs the test dependencies and
the system's Chromium: Vega-Lite, as the product ships it, draws.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VEGA = HERE.parents[1] / "sandbox" / "web" / "static" / "vendor" / "vega.js"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
TEAL, INDIGO, GREY = "#0b6467", "#4347a6", "#7d8b97"
CLASSES = {"IMP": "Inpatient", "EMER": "Emergency", "AMB": "Office", "OBSENC": "Observation"}
DRAW = """
async ([source, spec]) => {
  const v = await import("data:text/javascript;base64," + source);
  const built = v.compile(spec).spec;
  const view = new v.View(v.parse(built, null, {ast: true}), {expr: v.expressionInterpreter, renderer: "none"});
  return await view.toSVG();
}"""
Resource = dict[str, Any]
Rows = list[dict[str, Any]]
