"""Average precision on the validation sets."""
