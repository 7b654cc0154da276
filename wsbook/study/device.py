"""The device that a run is to use."""

from wsbook.errors import StudyError


def check_device(device: str) -> str:
    """Return `device` if it can be used here.

    Raises
        StudyError: if it names no device, or one this machine does not have.
    """
    kind, _, index = device.partition(":")
    if device != "cpu" and not (kind == "cuda" and (index.isdecimal() or device == kind)):
        raise StudyError(f"there is no device {device!r}; use cpu or cuda.")
    if kind == "cpu":
        return device
    import torch  # here, since it takes seconds and a notebook's runner has no other use for it

    if not torch.cuda.is_available():
        raise StudyError("no GPU is usable by PyTorch here; run with --device cpu.")
    if index and int(index) >= torch.cuda.device_count():
        raise StudyError(f"there is no {device}: this machine has {torch.cuda.device_count()} GPUs.")
    return device
