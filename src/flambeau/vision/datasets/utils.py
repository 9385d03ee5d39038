"""`torchvision.datasets.utils`; the code is in `download`."""

from .download import (
    calculate_md5 as calculate_md5,
)
from .download import (
    check_integrity as check_integrity,
)
from .download import (
    check_md5 as check_md5,
)
from .download import (
    download_and_extract_archive as download_and_extract_archive,
)
from .download import (
    download_file_from_google_drive as download_file_from_google_drive,
)
from .download import (
    download_url as download_url,
)
from .download import (
    extract_archive as extract_archive,
)
from .download import (
    iterable_to_str as iterable_to_str,
)
from .download import (
    list_dir as list_dir,
)
from .download import (
    list_files as list_files,
)
from .download import (
    verify_str_arg as verify_str_arg,
)
