"""Pretrained detectors that label the training images and whose outputs the network is distilled from."""
