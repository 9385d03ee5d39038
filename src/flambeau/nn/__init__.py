from . import functional, init, modules, parameter, utils
from .modules import *
from .modules import Module
from .parameter import *
