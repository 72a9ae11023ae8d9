"""Voices: chosen by language and rank, spoken through programs of their own, clear when absent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ivr.adapters.voice.choose import open_voice, voices
from ivr.adapters.voice.command import program, wav_of
from ivr.adapters.voice.espeak import Espeak
from ivr.adapters.voice.flite import Flite
from ivr.adapters.voice.kokoro import Kokoro
from ivr.adapters.voice.kokoro_worker import MAX_TOKENS, chunks
from ivr.model.errors import PortError
from tests.adapters.prompts.kit import tone, write_wav

WORKER = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["text"] == "die":
        sys.exit(3)
    if request["text"] == "fail":
        answer, pcm = {"error": "ValueError: no"}, b""
    else:
        pcm = json.dumps(request).encode()
        answer = {"rate": 24000, "bytes": len(pcm)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\\n" + pcm)
    sys.stdout.buffer.flush()
"""


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of voices whose kokoro answers with what it was asked; espeak-ng is there too."""
    (tmp_path / "worker.py").write_text(WORKER)
    script(
        tmp_path / "venv" / "bin" / "python",
        f"#!/bin/sh\nexec {sys.executable} {tmp_path}/worker.py\n",
    )
    script(tmp_path / "bin" / "espeak-ng", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
    return tmp_path


def test_voices_are_discovered_the_preferred_first() -> None:
    assert list(voices()) == ["kokoro", "flite", "espeak"]


def test_the_preferred_voice_speaks(home: Path) -> None:
    voice = open_voice("zh", home)
    assert voice.name == "kokoro-82m zf_xiaoxiao"
    voice.close()


def test_a_voice_is_chosen_by_name(home: Path) -> None:
    voice = open_voice("en", home, "espeak")
    assert voice.name == "espeak-ng en-us"
    voice.close()


def test_a_voice_that_does_not_speak_the_language(home: Path) -> None:
    with pytest.raises(PortError, match="flite does not speak zh; kokoro, espeak would"):
        open_voice("zh", home, "flite")
    with pytest.raises(PortError, match="no voice does not speak fr"):
        open_voice("fr", home)
    with pytest.raises(PortError, match="no voice 'siren'; there are kokoro, flite, espeak"):
        open_voice("en", home, "siren")


def test_kokoro_is_asked_and_answers(home: Path) -> None:
    voice = Kokoro("en", home)
    for text in ("Welcome.", "Press one — 请按一"):
        sound = voice.speak(text)
        assert sound.rate == 24_000
        asked = sound.pcm.decode()
        assert '"speaker": "af_heart"' in asked
        assert '"language": "en"' in asked
    voice.close()


def test_kokoro_says_what_went_wrong_and_goes_on(home: Path) -> None:
    voice = Kokoro("en", home)
    with pytest.raises(PortError, match="kokoro: ValueError: no"):
        voice.speak("fail")
    assert voice.speak("fine").pcm
    with pytest.raises(PortError, match=r"kokoro's worker died \(exit code 3\)"):
        voice.speak("die")
    with pytest.raises(PortError, match="worker died"):
        voice.speak("fine")
    voice.close()


def test_kokoro_refuses_what_it_would_leave_out_or_guess(home: Path) -> None:
    voice = Kokoro("zh", home)
    with pytest.raises(PortError, match="write 'APP' in Chinese characters"):
        voice.speak("请下载APP")
    with pytest.raises(
        PortError, match=r"several readings: add a phrase to polyphones.py for 他还不行"
    ):
        voice.speak("他还不行")
    assert voice.speak("请还款").pcm
    voice.close()


def test_what_is_not_installed_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PortError, match=r"kokoro is not installed in .*run `make voices`"):
        Kokoro("zh", tmp_path)
    with pytest.raises(PortError, match="flite is not installed: apt-get install flite"):
        Flite("en", tmp_path)
    with pytest.raises(PortError, match="espeak-ng is not installed: apt-get install espeak-ng"):
        Espeak("zh", tmp_path)
    script(tmp_path / "venv" / "bin" / "python", "")
    with pytest.raises(PortError, match="kokoro reads English through it"):
        Kokoro("en", tmp_path)


def test_a_program_that_writes_a_wav_is_a_voice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wav(home / "said.wav", tone(500, 300, 16_000), 16_000)
    script(home / "bin" / "flite", f'#!/bin/sh\ncp {home}/said.wav "$6"\n')
    voice = Flite("en", home)
    sound = voice.speak("Welcome.")
    assert (sound.rate, sound.pcm) == (16_000, tone(500, 300, 16_000))
    with pytest.raises(PortError, match="starts with a dash"):
        voice.speak("-o /etc/passwd")


def test_a_program_that_fails_says_so_in_its_own_words(home: Path) -> None:
    script(home / "bin" / "mute", "#!/bin/sh\necho no such voice >&2\nexit 2\n")
    with pytest.raises(PortError, match="mute failed: no such voice"):
        wav_of(lambda target: [program("mute", "never"), target])
    script(home / "bin" / "mute", "#!/bin/sh\nexit 0\n")
    with pytest.raises(PortError, match="mute failed: exit code 0"):
        wav_of(lambda target: [program("mute", "never"), target])


def test_long_texts_are_cut_after_punctuation_and_nothing_is_lost() -> None:
    sentence = "wˈʌn tˈuː θɹˈiː. "
    said = (sentence * 60).strip()
    cut = chunks(said)
    assert all(len(chunk) <= MAX_TOKENS for chunk in cut)
    assert " ".join(cut) == said
    assert all(chunk.endswith(".") for chunk in cut)
    assert "".join(chunks("a" * 1000)) == "a" * 1000
    assert chunks("short.") == ["short."]
