"""`torchvision.datasets.utils`; the code is in `download`."""

from . import download as _download

_NAMES = (
    "calculate_md5 check_integrity check_md5 download_and_extract_archive download_file_from_google_drive "
    "download_url extract_archive iterable_to_str list_dir list_files verify_str_arg"
).split()
globals().update({name: getattr(_download, name) for name in _NAMES})
