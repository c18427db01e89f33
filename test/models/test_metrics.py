"""Average precision against cases counted by hand."""

import numpy as np
import pytest

from ghostcam_models.evaluation.metrics import average_precision, operating_point


def boxes(*rows):
    return np.array(rows, np.float32)


TRUTH = boxes((0, 0, 0, 10, 10), (0, 20, 0, 30, 10))
HIT, OTHER_HIT, MISS = (0, 0, 0, 10, 10, 0.9), (0, 20, 0, 30, 10, 0.7), (0, 50, 50, 60, 60, 0.8)


def test_perfect_detections_have_ap_one():
    result = average_precision([boxes(HIT, OTHER_HIT)], [TRUTH], [0])[0]
    assert (result.ap50, result.ap, result.count) == pytest.approx((1, 1, 2))


def test_a_false_detection_between_two_hits():
    # Precision is 1 up to recall .5 (51 of 101 points) and 2/3 beyond (50 points).
    result = average_precision([boxes(HIT, MISS, OTHER_HIT)], [TRUTH], [0])[0]
    assert result.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_second_box_on_one_object_is_false():
    again = (0, 0, 0, 10, 9, 0.85)
    result = average_precision([boxes(HIT, again)], [TRUTH[:1]], [0])[0]
    assert result.ap50 == pytest.approx(1)  # recall 1 is reached before the false one
    point = operating_point([boxes(HIT, again)], [TRUTH[:1]], 0, 0.5)
    assert (point.true_positives, point.false_positives, point.false_negatives) == (1, 1, 0)


def test_a_box_of_iou_two_thirds_counts_up_to_that_threshold():
    loose = (0, 0, 0, 10, 15, 0.9)
    result = average_precision([boxes(loose)], [TRUTH[:1]], [0])[0]
    assert result.ap50 == pytest.approx(1)
    assert result.ap == pytest.approx(0.4)  # thresholds .5, .55, .6, .65 of ten


def test_objects_of_other_sizes_are_set_aside():
    small, large = (0, 0, 0, 10, 10), (0, 0, 0, 200, 200)
    found = boxes((*small, 0.9), (*large, 0.8))
    result = average_precision([found], [boxes(small, large)], [0], [1.0], (0, 32**2))[0]
    assert (result.ap50, result.count) == pytest.approx((1, 1))


def test_a_class_without_objects_is_left_out():
    assert average_precision([boxes(HIT)], [TRUTH], [3]) == {}
