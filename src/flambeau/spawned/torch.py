"""`import torch` in a process that `multiprocessing` spawned from a program under `flambeau run`.

Such a process takes over `sys.path`, but not the import hook. `flambeau run` therefore puts this folder on the path:
the first `import torch` finds this file, which installs the hook and makes way for what the name stands for.
"""

import sys
from importlib import import_module

del sys.modules[__name__]
import_module("flambeau.compat").install()
sys.modules[__name__] = import_module(__name__)
