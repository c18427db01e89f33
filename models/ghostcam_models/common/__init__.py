"""What every other group may use: the classes, boxes, folders and the machine."""
