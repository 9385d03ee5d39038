"""The layers, by family."""

from .module import Module
from .linear import *
from .activation import *
from .loss import *
from .container import *
from .dropout import *
from .flatten import *
from .distance import *
