"""`torch._dynamo.config`: settings of the compiler. Any can be set; none changes anything here."""

capture_scalar_outputs = False
suppress_errors = False
