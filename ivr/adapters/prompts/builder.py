"""The builder: makes the recordings that are missing or do not say their text any more.

What is up to date is told by the manifest alone, so a second run does nothing. Every file is
replaced at once and the manifest follows it: stopped at any moment, the next run finishes the work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from ivr.adapters.prompts.manifest import (
    STUDIO,
    Entry,
    digest,
    read_manifest,
    replace_file,
    served,
    source_hash,
    studio,
    write_manifest,
)
from ivr.adapters.prompts.sound import Edges, Made, SoundError, make, read_wav, silence
from ivr.adapters.prompts.texts import SAY_PREFIX, CatalogueError, load_texts
from ivr.model.errors import PortError
from ivr.model.say import segments
from ivr.ports.voice import Voice

PAUSE_MS = 220
SEGMENT_EDGES = Edges(head=15, tail=45)
PROMPT_EDGES = Edges(head=60, tail=180)
SAVE_EVERY = 25


class Job(msgspec.Struct, frozen=True):
    """A recording to make: from the studio recording at `studio`, or by a voice."""

    id: str
    text: str
    studio: Path | None


class Plan(msgspec.Struct, frozen=True):
    """What a build of one language will do."""

    language: str
    folder: Path
    jobs: tuple[Job, ...]
    obsolete: tuple[str, ...]

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self.jobs and not self.obsolete

    @property
    def voiced(self) -> bool:
        """Whether a synthesiser is needed."""
        return any(job.studio is None and not is_pause(job.text) for job in self.jobs)


class Failure(msgspec.Struct, frozen=True):
    """A recording that could not be made."""

    id: str
    problem: str


def is_pause(text: str) -> bool:
    """Whether a segment's text has no words: it is a pause then."""
    return not any(char.isalpha() for char in text)


def plan(folder: Path, language: str, *, force: bool = False, wide: bool = False) -> Plan:
    """Find out what a build has to do. `wide` also wants 16 kHz files.

    Raises CatalogueError for texts or a manifest that cannot be read.
    """
    texts = load_texts(folder)
    if language not in texts:
        raise CatalogueError([f"{folder}: P001 no {language}.yaml; there are {', '.join(texts)}"])
    wanted = {**texts[language], **segments(language)}
    own = folder / language
    entries = read_manifest(own)
    jobs = []
    for name, text in wanted.items():
        wav = studio(own, name)
        source = wav if wav.is_file() else None
        if force or not _current(own, name, text, source, entries.get(name), wide):
            jobs.append(Job(name, text, source))
    return Plan(language, own, tuple(jobs), tuple(sorted(set(entries) - set(wanted))))


def _current(
    folder: Path, name: str, text: str, wav: Path | None, entry: Entry | None, wide: bool
) -> bool:
    place = served(folder, name)
    if entry is None or (wide and not place.with_suffix(".sln16").is_file()):
        return False
    source = digest(wav.read_bytes()) if wav else ""
    if entry.studio != source or entry.hash != source_hash(text, entry.voice, source):
        return False
    try:
        return digest(place.with_suffix(".ulaw").read_bytes()) == entry.audio
    except FileNotFoundError:
        return False


def build(
    work: Plan,
    voice: Callable[[], Voice],
    *,
    wide: bool = False,
    done: Callable[[Job], None] = lambda job: None,
) -> tuple[Failure, ...]:
    """Carry a plan out; `voice` is opened only if one is needed, `done` called after each job.

    A recording that fails does not stop the others. Raises PortError when the voice cannot even
    be opened; what was made until then is kept.
    """
    work.folder.mkdir(parents=True, exist_ok=True)
    entries = read_manifest(work.folder)
    failures: list[Failure] = []
    with _saved(work.folder, entries), contextlib.ExitStack() as stack:
        for name in work.obsolete:
            _remove(work.folder, name, entries)
        speaker = None
        if work.voiced:
            speaker = stack.enter_context(contextlib.closing(voice()))
        for count, job in enumerate(work.jobs, 1):
            try:
                entries[job.id] = _make(work.folder, job, speaker, wide)
            except (SoundError, PortError) as error:
                failures.append(Failure(job.id, str(error)))
            if count % SAVE_EVERY == 0:
                write_manifest(work.folder, entries)
            done(job)
    return tuple(failures)


@contextlib.contextmanager
def _saved(folder: Path, entries: Mapping[str, Entry]) -> Iterator[None]:
    try:
        yield
    finally:
        write_manifest(folder, entries)


def _make(folder: Path, job: Job, voice: Voice | None, wide: bool) -> Entry:
    edges = SEGMENT_EDGES if job.id.startswith(SAY_PREFIX) else PROMPT_EDGES
    source = ""
    if job.studio:
        speaker, source = STUDIO, digest(job.studio.read_bytes())
        made = make(read_wav(job.studio), edges)
    elif is_pause(job.text):
        speaker, made = "silence", silence(PAUSE_MS)
    else:
        if voice is None:
            raise PortError("voice", "none was opened")
        speaker, made = voice.name, make(voice.speak(job.text), edges)
    _write(folder, job.id, made, wide)
    return Entry(
        audio=digest(made.ulaw),
        hash=source_hash(job.text, speaker, source),
        text=job.text,
        voice=speaker,
        studio=source,
    )


def _write(folder: Path, name: str, made: Made, wide: bool) -> None:
    place = served(folder, name)
    place.parent.mkdir(exist_ok=True)
    files = {place.with_suffix(".ulaw"): made.ulaw}
    if wide:
        files[place.with_suffix(".sln16")] = made.sln16
    for path, data in files.items():
        replace_file(path, data)
    # A file of an earlier text would be preferred by some callers' channels.
    _unlink(_built(folder, name) - set(files))


def _remove(folder: Path, name: str, entries: dict[str, Entry]) -> None:
    _unlink(_built(folder, name))
    del entries[name]


def _built(folder: Path, name: str) -> set[Path]:
    """Return every file that any build can have made for a prompt."""
    places = (folder / name, folder / STUDIO / name)
    return {place.with_suffix(suffix) for place in places for suffix in (".ulaw", ".sln16")}


def _unlink(paths: set[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
