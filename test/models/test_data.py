"""Labels, merging of labels and teachers, and near-duplicates, on small made-up data."""

import numpy as np
import pytest

from ghostcam_models.common.boxes import candidates, nms, weighted_boxes_fusion
from ghostcam_models.data.merge import IGNORE, OBJECT, Labelling, merge
from ghostcam_models.data.sets import parse_boxes

PERSON, BICYCLE, CAR, TRUCK = 0, 1, 2, 5
NOTHING = np.zeros((0, 6), np.float32)


def rows(*values):
    return np.array(values, np.float32)


def test_label_lines_become_clipped_boxes_of_the_known_classes():
    text = '0 0.5 0.5 0.5 0.5\n79 0.5 0.5 0.1 0.1\n7 1.0 1.0 0.2 0.2\n'
    expected = [(PERSON, 25, 50, 75, 150), (TRUCK, 90, 180, 100, 200)]
    assert parse_boxes(text, 100, 200) == pytest.approx(rows(*expected))


def test_teachers_fill_in_what_a_set_does_not_label():
    labelling = Labelling()
    label = rows((CAR, 0, 0, 100, 100))
    view = rows(
        (TRUCK, 2, 2, 98, 98, 0.9),  # the labelled car by another name
        (PERSON, 200, 0, 240, 100, 0.8),
        (PERSON, 300, 0, 340, 100, 0.3),  # unsure
        (BICYCLE, 300, 200, 340, 300, 0.1),  # nothing
    )
    merged = merge(labelling, label, [view])
    assert [(int(r[0]), int(r[5])) for r in merged] == [(CAR, OBJECT), (PERSON, OBJECT), (PERSON, IGNORE)]


def test_exhaustive_classes_take_nothing_from_teachers():
    labelling = Labelling(exhaustive=frozenset({PERSON}))
    merged = merge(labelling, np.zeros((0, 5), np.float32), [rows((PERSON, 0, 0, 50, 100, 0.9))])
    assert len(merged) == 0


def test_doubtful_labels_count_only_with_a_teachers_box():
    labelling = Labelling(unreliable=frozenset({BICYCLE}))
    label = rows((BICYCLE, 0, 0, 100, 100))
    alone = merge(labelling, label, [NOTHING])
    assert [(int(r[0]), int(r[5])) for r in alone] == [(BICYCLE, IGNORE)]
    confirmed = merge(labelling, label, [rows((BICYCLE, 0, 30, 100, 100, 0.9))])
    assert confirmed.tolist() == [[BICYCLE, 0, 30, 100, 100, OBJECT]]


def test_a_view_that_misses_an_object_lowers_its_score():
    seen = rows((PERSON, 0, 0, 100, 100, 0.8))
    assert weighted_boxes_fusion([seen, NOTHING])[0, 5] == pytest.approx(0.4)
    assert weighted_boxes_fusion([seen, rows((PERSON, 0, 0, 100, 120, 0.8))])[0].tolist() == pytest.approx(
        [0, 0, 0, 100, 110, 0.8]
    )


def test_a_location_has_its_best_class_or_each_that_it_may_be():
    boxes = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])
    scores = np.array([[0.2, 0.7, 0.4], [0.1, 0.05, 0.1], [0.0, 0.0, 0.9]])
    best = [[1, 0, 0, 10, 10, 0.7], [2, 40, 0, 50, 10, 0.9]]
    assert candidates(boxes, scores, 0.3, every_class=False).tolist() == best
    second = [2, 0, 0, 10, 10, 0.4]
    assert candidates(boxes, scores, 0.3, every_class=True).tolist() == [best[0], second, best[1]]
    assert candidates(boxes, scores, 0.95, every_class=False).shape == (0, 6)


def test_suppression_is_per_class():
    found = rows((PERSON, 0, 0, 10, 10, 0.5), (PERSON, 0, 0, 10, 11, 0.9), (CAR, 0, 0, 10, 10, 0.4))
    assert nms(found, 0.6)[:, [0, 5]].tolist() == pytest.approx(rows((PERSON, 0.9), (CAR, 0.4)))
