"""Flow files: YAML that administrators write, read safely into a FlowSet."""

from ivr.adapters.flowfile.loader import (
    LoadResult,
    load,
    load_files,
    try_load,
    try_load_files,
    version_of,
)

__all__ = ["LoadResult", "load", "load_files", "try_load", "try_load_files", "version_of"]
