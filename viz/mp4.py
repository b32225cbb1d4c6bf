"""MP4 (H.264) through ffmpeg: the frames go in as they are drawn, holds are repeated."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .frames import Cue, Film

WHOLE = 30  # seconds between whole pictures: what hardly changes need not be sent often


def find_ffmpeg() -> str:
    """Return the ffmpeg on the path, or the one that imageio-ffmpeg brings; FileNotFoundError if there is none."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise FileNotFoundError("mp4 needs ffmpeg (or pip install imageio-ffmpeg); gif and html work without") from None


def write_mp4(path: Path, film: Film, cues: list[Cue], *, fps: float = 20) -> None:
    """Write cues of a film as a video of `fps` pictures a second; RuntimeError with ffmpeg's words if it fails."""
    first = film.draw(cues[0])
    command = [find_ffmpeg(), *_input(first.shape[1], first.shape[0], fps), *_output(film, path, fps)]
    with tempfile.TemporaryFile() as words:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words) as ffmpeg:
            assert ffmpeg.stdin is not None
            _feed(ffmpeg.stdin, film, cues, fps)
        if ffmpeg.returncode:
            words.seek(0)
            raise RuntimeError(f"ffmpeg could not write {path.name}: {words.read().decode(errors='replace').strip()}")


def _feed(stdin: IO[bytes], film: Film, cues: list[Cue], fps: float) -> None:
    try:
        for cue, count in zip(cues, repeats(cues, fps), strict=True):
            pixels = film.draw(cue).tobytes() if count else b""
            for _ in range(count):
                stdin.write(pixels)
    except BrokenPipeError:
        pass  # ffmpeg has given up, and says why on its error stream


def repeats(cues: list[Cue], fps: float) -> Iterator[int]:
    """How many pictures each cue gets, so that it ends at the right time; the last one gets at least one."""
    elapsed = shown = 0
    for cue in cues:
        elapsed += cue.ms
        count = round(elapsed * fps / 1000) - shown
        if cue is cues[-1] and shown + count == 0:
            count = 1
        shown += count
        yield count


def _input(width: int, height: int, fps: float) -> list[str]:
    return [
        "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{fps:g}",
        "-i", "-",
    ]  # fmt: skip


def _output(film: Film, path: Path, fps: float) -> list[str]:
    """H.264 that every browser plays; sizes made even, colours as in HD video, the same bytes every time."""
    filters = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=" + film.theme.bg.replace("#", "0x")
    return [
        "-vf", f"{filters},scale=out_color_matrix=bt709:out_range=tv",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "23", "-tune", "animation", "-threads", "2",
        "-g", str(max(round(WHOLE * fps), 1)),
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-movflags", "+faststart", "-flags", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1",
        "-metadata", f"title={film.title}", "-metadata", f"comment={film.alt_text}", "-y", str(path.absolute()),
    ]  # fmt: skip
