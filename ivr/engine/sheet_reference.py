"""Reference documentation of what stands beside flows: one page of Markdown for each kind of file."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from pydantic import BaseModel

from ivr.engine.reference import MARK, fields
from ivr.model.campaigns import CampaignDocument
from ivr.model.cases import CasesDocument
from ivr.model.surveys import SurveyDocument, SurveyRulesDocument
from ivr.model.taxonomy import TaxonomyDocument


class Sheets(msgspec.Struct, frozen=True):
    """A page: its `title`, the guide that tells how to write such files, and the models of the files by
    their names."""

    title: str
    guide: str
    files: Mapping[str, type[BaseModel]]


PAGES: Mapping[str, Sheets] = {
    "campaigns.md": Sheets(
        "Campaigns", "campaigns.md", {"flows/campaigns/NAME.yaml": CampaignDocument}
    ),
    "cases.md": Sheets("Cases", "cases.md", {"flows/cases.yaml": CasesDocument}),
    "surveys.md": Sheets(
        "Surveys",
        "surveys.md",
        {"flows/surveys/NAME.yaml": SurveyDocument, "flows/survey_rules.yaml": SurveyRulesDocument},
    ),
    "taxonomy.md": Sheets(
        "Themes of what customers say", "voc.md", {"flows/taxonomy.yaml": TaxonomyDocument}
    ),
}
"""The pages, by their names beside those of the step types."""


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    return {name: page(sheets) for name, sheets in PAGES.items()}


def page(sheets: Sheets) -> str:
    """Return a page."""
    named = " and ".join(f"`{file}`" for file in sheets.files)
    parts = [
        f"# {sheets.title}",
        MARK,
        f"What {named} may hold. [docs/{sheets.guide}](../{sheets.guide}) tells how to write it.",
    ]
    for file, model in sheets.files.items():
        schema = model.model_json_schema()
        parts += fields(f"## {file}", schema, schema)
    return "\n\n".join(parts) + "\n"
