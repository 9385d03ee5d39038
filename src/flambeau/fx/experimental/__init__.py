"""`torch.fx.experimental`: where programs ask whether they are being traced."""
