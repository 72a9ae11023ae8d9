"""Texts: every problem at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.prompts.texts import MAX_BYTES, CatalogueError, load_texts


def problems(folder: Path, text: str, name: str = "en.yaml") -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_texts(folder)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_texts_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text("b: Second.\na: >-\n  For your balance,\n  press one.\n")
    (tmp_path / "zh.yaml").write_text("a: >-\n  您好，\n  请按一。\nyes: no\n", encoding="utf-8")
    texts = load_texts(tmp_path)
    assert texts["en"] == {"b": "Second.", "a": "For your balance, press one."}
    assert list(texts["en"]) == ["b", "a"]
    # YAML's own `no` stays the word that was written, and folding leaves no gap in Chinese.
    assert texts["zh"] == {"a": "您好，请按一。", "yes": "no"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: x\na: y\n", "en.yaml:2:1: P006 'a' is here twice; the second would silently win"),
        ("Welcome: x\n", "en.yaml:1:1: P005 'Welcome' is no prompt id: 1 to 64 of a-z, 0-9, - and _"),
        ("a&b: x\n", "en.yaml:1:1: P005 'a&b' is no prompt id: 1 to 64 of a-z, 0-9, - and _"),
        ("../a: x\n", "en.yaml:1:1: P005 '../a' is no prompt id: 1 to 64 of a-z, 0-9, - and _"),
        ("? [a]\n: x\n", "en.yaml:1:3: P005 this key is no prompt id: 1 to 64 of a-z, 0-9, - and _"),
        ("s-1: x\n", "en.yaml:1:1: P005 's-1': ids that start with s- belong to the say-layer"),
        ("a:\n  b: x\n", "en.yaml:2:3: P007 the text of 'a' must be one text"),
        ("a: ...!\n", "en.yaml:1:4: P008 no words: a caller would hear silence (a)"),
        ("a:\n", "en.yaml:1:3: P008 no words: a caller would hear silence (a)"),
        ("a: press 1\n", "en.yaml:1:4: P010 write '1' as words: a voice can only guess how it is read (a)"),
        (f"a: {'x' * 2001}\n", "en.yaml:1:4: P009 longer than 2000 characters: nobody listens that long (a)"),
        ("- a\n", "en.yaml:1:1: P004 expected a mapping of prompt id to text"),
        ("a: [x\n", "en.yaml:2:1: P003 not YAML: did not find expected ',' or ']'"),
        ("a: b: c\n", "en.yaml:1:5: P003 not YAML: mapping values are not allowed in this context"),
        ("a: x\n---\nb: y\n", "en.yaml:2:1: P003 not YAML: but found another document"),
        ("a: x\x07\n", "en.yaml:1:1: P003 not YAML: unacceptable character #x0007: control characters are not allowed in \"<unicode string>\", position 4"),
        (f"a: {'[' * 200_000}\n", "en.yaml:1:11: P003 not YAML: nested deeper than 8 levels"),
        (f"# {'x' * MAX_BYTES}\n", f"en.yaml:1:1: P003 larger than {MAX_BYTES} bytes"),
    ],
)  # fmt: skip
def test_a_problem_says_where_and_what(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "zh.yaml").write_text("A: 一\nb: 按1\n", encoding="utf-8")
    found = problems(tmp_path, "a: ok\nC: x\nC: y\n")
    assert [problem.split(": ")[0] for problem in found] == [
        "en.yaml:2:1", "en.yaml:3:1", "zh.yaml:1:1", "zh.yaml:2:4",
    ]  # fmt: skip


def test_a_file_that_is_no_language(tmp_path: Path) -> None:
    assert problems(tmp_path, "a: x\n", "voices.yaml") == [
        "voices.yaml:1:1: P002 'voices' is not a language code such as en or zh"
    ]
    (tmp_path / "voices.yaml").unlink()
    assert problems(tmp_path, "a: x\n", "fr.yaml") == [
        "fr.yaml:1:1: P002 the say-layer does not speak 'fr' (it speaks en, zh)"
    ]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_bytes(b"a: caf\xe9\n")
    with pytest.raises(CatalogueError, match=r"en.yaml:1:1: P003 not UTF-8 at byte 6"):
        load_texts(tmp_path)


def test_no_folder_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"P001 no <language>.yaml file with texts"):
        load_texts(tmp_path)
    with pytest.raises(CatalogueError, match="P001 there is no such folder of prompts"):
        load_texts(tmp_path / "none")


def test_an_empty_file_is_a_language_without_prompts(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text("# nothing yet\n")
    assert load_texts(tmp_path) == {"en": {}}
