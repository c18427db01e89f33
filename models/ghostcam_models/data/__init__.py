"""From the image sets to the prepared training images."""
