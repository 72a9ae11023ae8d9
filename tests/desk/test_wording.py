"""Both languages say everything, and nothing that no page says."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ivr.centre.cases.acts import Act
from ivr.centre.voc.feedback import Standing
from ivr.desk.pages.cases import ASKED
from ivr.desk.pages.casework import ACTS, ADDING
from ivr.desk.rendering import FOLDER, render
from ivr.desk.wording import LANGUAGES, language_of, words
from ivr.ports.agents import AgentState, Refusal, Spying
from ivr.ports.callbacks import Refused
from ivr.ports.cases import CaseRefusal, CaseState, LinkKind
from ivr.ports.errands import ErrandEnd
from ivr.ports.orders import OrderState
from ivr.ports.posting import Reason
from ivr.ports.staff import Role
from tests.desk.kit import missed

ROOT = Path(__file__).parents[2]


def test_both_languages_have_the_same_words() -> None:
    chinese, english = (words(language) for language in LANGUAGES)
    assert list(chinese) == list(english)
    assert all(text.strip() for text in (*chinese.values(), *english.values()))


def test_every_word_that_a_template_wants_is_there() -> None:
    wanted = {
        name
        for template in (FOLDER / "templates").rglob("*.html")
        for name in re.findall(r"t\['([a-z_0-9-]+)'\]", template.read_text("utf-8"))
    }
    assert len(wanted) > 50
    assert wanted <= words("en").keys()


def test_every_state_refusal_and_role_has_its_words() -> None:
    wanted = {f"state-{one.value}" for one in AgentState}
    wanted |= {f"refused-{one.value}" for one in Refusal}
    wanted |= {f"{what}-{one.value}" for one in Spying for what in ("spy", "done")}
    wanted |= {f"role-{one.value}" for one in Role}
    wanted |= {f"level-{level}" for level in range(4)}
    wanted |= {f"ending-{one.value}" for one in ErrandEnd}
    wanted |= {f"case-refused-{one.value}" for one in CaseRefusal}
    wanted |= {f"case-{one.value}" for one in CaseState}
    wanted |= {f"link-{one.value}" for one in LinkKind}
    wanted |= {f"callback-refused-{one.value}" for one in Refused}
    wanted |= {f"order-{one.value}" for one in OrderState}
    wanted |= {f"order-reason-{one.value}" for one in Reason if one.value}
    wanted |= {f"standing-{one.value}" for one in Standing}
    wanted |= {f"case-done-{name}" for name in (*ACTS, *ADDING, "extend", "open")}
    assert wanted <= words("zh").keys()


def test_everything_that_can_happen_to_a_case_has_its_words() -> None:
    acts = {re.sub(r"(?<!^)(?=[A-Z])", "_", one.__name__).lower() for one in Act.__subclasses__()}
    assert {f"case-act-{act}" for act in acts - {ASKED}} <= words("zh").keys()


def test_the_language_is_the_one_wanted_or_the_first_that_is_accepted() -> None:
    assert language_of("en", "zh") == "en"
    assert language_of("", "de, en;q=0.8, zh;q=0.5") == "en"
    assert language_of("xx", "de") == "zh"


def test_what_comes_from_outside_cannot_become_a_tag() -> None:
    said = render("wall/alerts.html", "en", one=(missed("<script>x</script>"),))
    assert "<script>" not in said


def test_what_the_demo_s_agents_may_choose_has_its_words() -> None:
    written = yaml.safe_load((ROOT / "flows" / "agents.yaml").read_text("utf-8"))
    wanted = {f"reason-{one}" for one in written["reasons"].values()}
    wanted |= {f"disposition-{one}" for one in written["dispositions"].values()}
    assert wanted <= words("en").keys()
