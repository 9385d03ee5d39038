"""`torch._subclasses`: the tensors without values with which a compiler works are not here."""
