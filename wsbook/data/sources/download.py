"""Download one archive: checked against its published hash, and continued where it broke off."""

import errno
import os
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tqdm import tqdm

from wsbook.data.sources import Archive
from wsbook.errors import StudyError

TIMEOUT = 30  # seconds without a byte
CHUNK = 2**14  # bytes; an unfinished one is lost when a connection breaks


def download(archive: Archive, folder: Path) -> Path:
    """The archive in `folder`; one that is there already is only checked.

    What has arrived before an interruption stays in `folder` as NAME.part, and the next call asks
    for the rest.

    Raises
        StudyError: without pooch or network; if the server lacks the file or breaks off; if the
            file does not have its published hash (nothing of it is kept); if the disk is full.
    """
    try:
        import pooch
        import requests
    except ModuleNotFoundError as error:
        raise StudyError("downloads need pooch; run pip install pooch.") from error
    pooch.get_logger().setLevel("WARNING")
    part = folder / f"{archive.name}.part"
    before = _size(part)
    try:
        return Path(pooch.retrieve(
            archive.url, archive.hash, archive.name, folder, downloader=partial(_resume, part)
        ))  # fmt: skip
    except ValueError as error:
        raise StudyError(
            f"{archive.url} does not have its published hash {archive.hash}, so that nothing of it was "
            "kept; try once more, and if it happens again the file on the server is another one."
        ) from error
    except requests.HTTPError as error:
        raise StudyError(
            f"{archive.url} cannot be had (HTTP {error.response.status_code}); if it has moved, "
            "put the arrays into the folder of image sets by hand."
        ) from error
    except requests.RequestException as error:
        raise StudyError(_broken(archive, before, _size(part))) from error
    except OSError as error:
        raise StudyError(disk_trouble(folder, error)) from error


def disk_trouble(folder: Path, error: OSError) -> str:
    """What to say when writing to `folder` fails."""
    if error.errno == errno.ENOSPC:
        return f"the disk of {folder} is full; make room and run the same command again."
    return f"could not write to {folder} ({error.strerror or error}); make it writable."


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _broken(archive: Archive, before: int, after: int) -> str:
    if after > before:
        arrived = f"{after / 2**20:.1f} MiB"
        return f"{archive.url} broke off after {arrived}; run the same command again to continue."
    return f"could not reach {urlsplit(archive.url).netloc}; check the network and run the command again."


def _resume(part: Path, url: str, output: str, _pooch: object) -> None:
    """Download `url` to `output` by way of `part`, asking only for the bytes that `part` lacks.

    A server that cannot continue sends everything, and `part` starts anew. Whether the pieces
    belong together shows in the hash, which pooch compares afterwards.
    """
    import requests

    start = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code != 416:  # the range is empty: nothing is missing
            answer.raise_for_status()
            continued = answer.status_code == 206
            total = int(answer.headers.get("Content-Length", 0)) + (start if continued else 0)
            quiet = bool(os.environ.get("CI")) or None  # None: quiet unless on a terminal
            with (
                part.open("ab" if continued else "wb") as file,
                tqdm(total=total or None, initial=start if continued else 0, desc=part.stem,
                     unit="B", unit_scale=True, disable=quiet) as bar,
            ):  # fmt: skip
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
    os.replace(part, output)
