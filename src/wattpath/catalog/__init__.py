"""The catalogue: every number with its unit, range, source, date and evidence grade.

An entry is one TOML file in ``data/<kind>/<key>.toml``; a kind is one schema table in
``schema/<kind>.csv``, which drives validation, defaults and the manual page. Sources
are rows of ``data/sources/*.csv``.
"""

from wattpath.catalog.drawn import drawn, remembered
from wattpath.catalog.entry import EVIDENCE, STATUS, Entry, Fact, Quantity
from wattpath.catalog.schema import Attribute, Schema
from wattpath.catalog.store import Source, digest, entries, kinds, load, names, schema, sources

__all__ = [
    "EVIDENCE",
    "STATUS",
    "Attribute",
    "Entry",
    "Fact",
    "Quantity",
    "Schema",
    "Source",
    "digest",
    "drawn",
    "entries",
    "kinds",
    "load",
    "names",
    "remembered",
    "schema",
    "sources",
]
