"""What every section of the configuration is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of `onecall.yaml`. A name that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def resolved(self, folder: Path) -> Self:
        """Return it with all its paths made absolute from `folder`."""
        return self.model_copy(update={name: _under(folder, value) for name, value in self})


def _under(folder: Path, value: Any) -> Any:
    match value:
        case Section():
            return value.resolved(folder)
        case Path():
            return folder / value
        case tuple():
            return tuple(_under(folder, one) for one in value)
    return value
