"""What one would write in an afternoon instead of the daemon: OpenCV, NumPy, ONNX Runtime, paho.

Usage: pipeline.py MODEL.onnx MANIFEST.json WIDTHxHEIGHT FOOTAGE BROKER_PORT FPS, with the size of the model's input
Publishes the detections of each frame of a file, played at its pace for ever, and tracks nothing. The CPU time of the inferences,
in seconds since the start, is a field of every message.
"""

import json
import sys
import time

import cv2
import numpy as np
import onnxruntime as ort
from paho.mqtt import client as mqtt

model, manifest, size, footage, broker, fps = sys.argv[1:]
spec = json.load(open(manifest))
side_x, side_y = map(int, size.split("x"))
score_threshold, iou_threshold = spec["thresholds"]["score"], spec["thresholds"]["iou"]
bins = np.arange(spec["head"]["regMax"], dtype=np.float32)

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.add_free_dimension_override_by_name(spec["input"]["dynamic"]["width"], side_x)
options.add_free_dimension_override_by_name(spec["input"]["dynamic"]["height"], side_y)
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
outputs = [name for level in spec["head"]["levels"] for name in (level["box"], level["cls"])]


def letterbox(picture):
    """The model's input tensor, and by what factor and offset it lies in it."""
    height, width = picture.shape[:2]
    scale = min(side_x / width, side_y / height)
    w, h = round(width * scale), round(height * scale)
    left, top = (side_x - w) // 2, (side_y - h) // 2
    canvas = np.full((side_y, side_x, 3), spec["input"]["padValue"], np.uint8)
    canvas[top : top + h, left : left + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_LINEAR)
    tensor = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    return tensor, scale, left, top


def decode(results):
    """Boxes as x, y, width and height in the input's pixels, their scores and classes."""
    boxes, scores, classes = [], [], []
    for level, box, cls in zip(spec["head"]["levels"], results[::2], results[1::2]):
        stride = level["stride"]
        logits = cls[0].reshape(cls.shape[1], -1)
        best = logits.argmax(0)
        score = 1 / (1 + np.exp(-logits[best, np.arange(best.size)]))
        found = np.flatnonzero(score > score_threshold)
        if found.size == 0:
            continue
        sides = box[0].reshape(4, bins.size, -1)[:, :, found]
        sides = np.exp(sides - sides.max(1, keepdims=True))
        sides = (sides / sides.sum(1, keepdims=True) * bins[None, :, None]).sum(1) * stride
        columns = cls.shape[3]
        x, y = (found % columns + 0.5) * stride, (found // columns + 0.5) * stride
        boxes.append(np.stack([x - sides[0], y - sides[1], sides[0] + sides[2], sides[1] + sides[3]], 1))
        scores.append(score[found])
        classes.append(best[found])
    if not boxes:
        return [], [], []
    return np.concatenate(boxes), np.concatenate(scores), np.concatenate(classes)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.connect("127.0.0.1", int(broker))
client.loop_start()
capture = cv2.VideoCapture(footage)
due = time.monotonic()
inference = 0.0
while True:
    ok, picture = capture.read()
    if not ok:
        capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        continue
    due += 1 / float(fps)
    time.sleep(max(0, due - time.monotonic()))
    captured = time.time()
    tensor, scale, left, top = letterbox(picture)
    before = time.thread_time()
    results = session.run(outputs, {spec["input"]["name"]: tensor})
    inference += time.thread_time() - before
    boxes, scores, classes = decode(results)
    kept = cv2.dnn.NMSBoxesBatched(boxes, scores, classes, score_threshold, iou_threshold) if len(boxes) else []
    detections = [
        {
            "label": spec["labels"][classes[index]],
            "score": round(float(scores[index]), 4),
            "box": [
                round(float(value), 2)
                for value in (
                    (boxes[index][0] - left) / scale,
                    (boxes[index][1] - top) / scale,
                    (boxes[index][0] + boxes[index][2] - left) / scale,
                    (boxes[index][1] + boxes[index][3] - top) / scale,
                )
            ],
        }
        for index in kept
    ]
    message = {"capturedAt": captured, "inferenceCpuSeconds": inference, "detections": detections}
    client.publish("python/detections", json.dumps(message))
