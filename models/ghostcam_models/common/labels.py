"""The classes of the shipped detector: COCO names, in the order of the network's outputs."""

CLASS_NAMES = (
    'person',
    'bicycle',
    'car',
    'motorcycle',
    'bus',
    'truck',
    'bird',
    'cat',
    'dog',
    'horse',
    'sheep',
    'cow',
)

COCO_IDS = (0, 1, 2, 3, 5, 7, 14, 15, 16, 17, 18, 19)
"""Index of each class among COCO's 80, as the teachers and the label files count."""
