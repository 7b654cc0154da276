"""Execute a notebook with papermill, its kernel reached through local sockets instead of the network.

Jupyter's default is TCP on the loopback interface, which a machine cut off from every network lacks.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from wsbook.book.dependencies import NOTEBOOKS, notebook_names
from wsbook.errors import StudyError
from wsbook.study.device import check_device
from wsbook.study.profile import check_profile


def local_sockets(folder: str) -> Config:
    """Kernels that listen on sockets in `folder`.

    Named outright, since the default is one path in the working directory, where two notebooks that run
    at the same time would meet.
    """
    return Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def execute(name: str, output: Path, profile: str, device: str) -> None:
    """Run `notebooks/NAME.ipynb` and write the executed copy to `output`.

    Raises
        StudyError: for an unknown notebook, profile or device, or no place for the copy; if the kernel dies; or
            the one that ended a cell.
    """
    notebook_names([name])
    if output.is_dir() or not output.parent.is_dir():
        raise StudyError(
            f"{output} is no file in a folder that exists; name another place for the executed copy."
        )
    parameters = {"profile": check_profile(profile), "device": check_device(device)}
    source = str(NOTEBOOKS / f"{name}.ipynb")
    # A socket's path may have about a hundred characters, fewer than a home directory can take up.
    with TemporaryDirectory(prefix="ws-") as sockets:
        os.environ["JUPYTER_RUNTIME_DIR"] = sockets
        config = local_sockets(sockets)
        try:
            papermill.execute_notebook(source, str(output), parameters, progress_bar=False, config=config)
        except DeadKernelError as error:
            raise StudyError(
                f"{name}: the system ended the notebook's kernel, most likely for want of memory; run it alone, or "
                "with fewer --jobs."
            ) from error
        except OSError as error:
            raise StudyError(f"{name}: {output} could not be written ({error.strerror}).") from error
        except PapermillExecutionError as error:
            if error.ename != StudyError.__name__:
                raise
            raise StudyError(f"{name}, cell {error.exec_count}: {error.evalue}") from error
