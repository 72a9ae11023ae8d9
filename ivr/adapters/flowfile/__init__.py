"""Flow files: YAML that administrators write, read safely into a FlowSet."""

from ivr.adapters.flowfile.folder import version_of
from ivr.adapters.flowfile.loader import (
    LoadResult,
    load,
    load_files,
    try_load,
    try_load_files,
)

__all__ = ["LoadResult", "load", "load_files", "try_load", "try_load_files", "version_of"]
