"""From files of any kind to prepared images: sources, labels, copies, views, what is held out, and going on after a stop."""

import io
import json
import subprocess
import tarfile
from dataclasses import replace as changed
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pytest
from pictures import jpeg, made_source, photo, write_shard
from PIL import Image

from ghostcam_models.commands import prepare as prepare_command
from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data import convert, hold_out, pseudo_labels
from ghostcam_models.data.duplicates import (
    CANDIDATE_CORRELATION,
    Known,
    details,
    fingerprint,
)
from ghostcam_models.data.files import open_files
from ghostcam_models.data.label_files import parse_label
from ghostcam_models.data.merge import IGNORE, OBJECT
from ghostcam_models.data.prepared_images import PreparedImages, assemble
from ghostcam_models.data.sets import read_photos
from ghostcam_models.data.shards import pixels, shards_of
from ghostcam_models.data.sources import read_sources
from ghostcam_models.evaluation.evaluate import drop_ignored

PERSON, CAR, DOG = 0, 2, 8
PHOTOS = sorted(Path(__file__).parents[1].glob('fixtures/photos/*.png'))
NO_LABELS = np.zeros((0, 5), np.float32)
NOTHING = np.zeros((0, 6), np.float32)


def rows(*values):
    return np.array(values, np.float32)


@pytest.fixture
def pool():
    with ThreadPool(1) as threads:
        yield threads


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / 'files'
    for i in range(6):
        path = folder / 'images' / f'{i}.jpg'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(photo(i)))
        (folder / 'labels').mkdir(exist_ok=True)
        (folder / 'labels' / f'{i}.txt').write_text('1 0.5 0.5 0.5 0.5\n')
    return folder


def nothing_known():
    return {}


def source_of(folder, **columns):
    return changed(made_source(**columns), path=folder, images=('images/*',))


def git(folder, *arguments):
    identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost']
    subprocess.run(
        ['git', *identity, '-C', str(folder), *arguments],
        check=True,
        capture_output=True,
    )


def test_a_folder_a_tar_file_and_a_git_directory_read_alike(files, tmp_path):
    with tarfile.open(tmp_path / 'files.tar', 'w') as tar:
        tar.add(files, '.')
    git(tmp_path, 'init', '-q', str(files))
    git(files, 'add', '-A')
    git(files, 'commit', '-q', '-m', 'images')
    for place in ('bare', 'named/repo', 'work/repo/.git'):
        git(tmp_path, 'clone', '-q', '--bare', str(files), str(tmp_path / place))
    paths = ['labels/3.txt', 'images/1.jpg', 'images/5.jpg']
    expected = [(files / path).read_bytes() for path in paths]
    for place in ('files.tar', 'bare', 'named', 'work', files):
        opened = open_files(tmp_path / place)
        assert set(paths) <= set(opened.keys)
        assert list(opened.read(paths)) == expected


def test_what_is_no_source_is_named(tmp_path):
    with pytest.raises(UserError, match='neither a folder'):
        open_files(tmp_path / 'missing')


@pytest.mark.parametrize(
    ('column', 'value', 'message'),
    [
        ('labels', 'xls', 'labels is "xls"'),
        ('unreliable', ['fox'], 'no such class: fox'),
        ('colur', True, 'colur'),
    ],
)
def test_a_wrong_column_of_the_table_is_named(tmp_path, column, value, message):
    table = tmp_path / 'table.json'
    table.write_text(
        json.dumps({'sources': {'some': {'path': 'p', 'images': ['*'], 'cap': 1, column: value}}})
    )
    with pytest.raises(UserError, match=f'some.*{message}'):
        read_sources(table, tmp_path)


def test_the_table_of_the_project_can_be_read(tmp_path):
    from ghostcam_models.common.environment import MODELS

    sources = read_sources(MODELS / 'pool.json', tmp_path)
    assert all(source.terms and source.url for source in sources)


def test_yolo_and_voc_files_give_the_same_boxes():
    yolo = made_source(labels='yolo', classes={'3': 'car'})
    text = '3 0.5 0.5 0.5 0.5\n7 0.5 0.5 0.1 0.1\n3 0 0 1 0 1 1 0 1\n'  # another class, and a polygon
    voc = made_source(labels='voc', classes={'auto': 'car'})
    box = '<bndbox><xmin>50</xmin><ymin>100</ymin><xmax>150</xmax><ymax>300</ymax></bndbox>'
    xml = f'<a><size><width>200</width><height>400</height></size><object><name>auto</name>{box}</object></a>'
    expected = [[CAR, 25, 50, 75, 150]]
    assert parse_label(yolo, text, 100, 200).tolist() == expected
    assert parse_label(voc, xml, 100, 200).tolist() == expected
    for source in (yolo, voc):
        assert parse_label(source, '<a> b c d e', 100, 200).shape == (0, 5)


def test_mirrored_smaller_and_compressed_copies_are_known():
    known = Known.of([photo(1), photo(2)])
    small = np.asarray(Image.fromarray(photo(1)[:, ::-1]).resize((80, 60)))
    for copy in (photo(2), small, pixels(jpeg(photo(1), 30))):
        assert known.holds(fingerprint(copy), details(copy))
    assert not known.holds(fingerprint(photo(3)), details(photo(3)))


Y, X = np.mgrid[0:120, 0:160]
LIGHTS = {
    'a lamp at night': (0.06, 250 * np.exp(-((X - 50) ** 2 + (Y - 30) ** 2) / 300)),
    'a pale sky': (0.06, 1.6 * Y),
    'a window at the side': (0.06, 1.2 * X),
    'fog': (0.03, 110 + 0.3 * Y),
}


def in_light(name, pixels):
    """A photograph of which little shows beside the light: uint8 [120, 160, 3]."""
    contrast, light = LIGHTS[name]
    small = np.asarray(Image.fromarray(pixels).resize((160, 120)))
    return pixels_of(np.clip(small * contrast + light[..., None], 0, 255).astype(np.uint8))


def pixels_of(picture):
    return pixels(jpeg(picture, 80))


@pytest.mark.parametrize('light', LIGHTS)
def test_dark_and_flat_pictures_with_the_same_light_are_no_copies(light):
    photos = [np.asarray(Image.open(path).convert('RGB')) for path in PHOTOS]
    pictures = [in_light(light, picture) for picture in photos]
    misled = 0
    for i, one in enumerate(pictures):
        again = pixels(jpeg(one, 50))
        assert Known.of([one]).holds(fingerprint(again), details(again))
        others = Known.of(pictures[:i] + pictures[i + 1 :])
        misled += int((others.fingerprints @ fingerprint(one) >= CANDIDATE_CORRELATION).sum())
        assert not others.holds(fingerprint(one), details(one))
    assert misled  # by the fingerprint alone


@pytest.mark.parametrize('path', PHOTOS, ids=lambda path: path.stem)
def test_a_cropped_brighter_and_compressed_copy_of_a_photograph_is_known(path):
    whole = Image.open(path).convert('RGB')
    width, height = whole.size
    cut = whole.crop((width // 50, height // 50, width - width // 50, height - height // 50))
    copy = pixels(jpeg(np.clip(np.asarray(cut) * 1.2 + 8, 0, 255).astype(np.uint8), 40))
    assert Known.of([np.asarray(whole)]).holds(fingerprint(copy), details(copy))


def test_converting_keeps_labels_and_drops_copies(files, tmp_path, pool, capsys):
    (files / 'images' / 'again.jpg').write_bytes(jpeg(photo(0), 60))  # a copy of another quality
    (files / 'images' / 'broken.jpg').write_bytes(b'no image')
    known = {'validation images': Known.of([photo(5)])}
    source = source_of(files, labels='yolo', label=('images/', 'labels/'), classes={'1': 'dog'}, view=1)
    convert.convert(source, tmp_path / 'out', known, {('', 'images/4.jpg')}, pool)
    (shard,) = shards_of(tmp_path / 'out', source.name)
    numbers = {path.removeprefix('images/') for path in shard.paths}
    assert numbers in (
        {'0.jpg', '1.jpg', '2.jpg', '3.jpg'},
        {'again.jpg', '1.jpg', '2.jpg', '3.jpg'},
    )
    labelled = shard.paths.index('images/2.jpg')
    assert shard.labels[labelled].tolist() == [[DOG, 40, 30, 120, 90]]
    close = np.abs(pixels(shard.encoded([labelled])[0]).astype(int) - photo(2))
    assert close.mean() < 3
    said = capsys.readouterr().out
    assert '1 copies of validation images' in said and '1 unreadable' in said and '1 more of one view' in said


def test_a_source_whose_images_are_all_known_is_done(files, tmp_path, pool):
    known = {'validation images': Known.of([photo(i) for i in range(6)])}
    for _ in range(2):
        convert.convert(source_of(files), tmp_path / 'out', known, set(), pool)
    (shard,) = shards_of(tmp_path / 'out', 'made')
    assert len(shard) == 0 and shard.facts['whole']
    others = Known()
    others.add(shard.prints, shard.details)


def test_a_source_that_has_no_images_is_named(files, tmp_path, pool):
    source = changed(source_of(files), images=('pictures/*', 'photos/*'))
    with pytest.raises(UserError, match=r'made: no image of .* matches pictures/\* or photos/\*; correct'):
        convert.convert(source, tmp_path / 'out', nothing_known(), set(), pool)


def test_a_view_gives_no_more_images_than_its_cap(files, tmp_path, pool):
    for i in range(5):
        (files / 'images' / f'view{i}.jpg').write_bytes(jpeg(np.clip(photo(9) + np.uint8(i), 0, 255)))
    convert.convert(source_of(files, view=2), tmp_path / 'out', nothing_known(), set(), pool)
    (shard,) = shards_of(tmp_path / 'out', 'made')
    assert sum('view' in path for path in shard.paths) == 2
    assert np.bincount(shard.views).max() == 2


def test_the_same_file_counts_once_however_many_images_of_a_view_are_taken(files, tmp_path, pool, capsys):
    for i in range(3):
        (files / 'images' / f'same{i}.jpg').write_bytes((files / 'images' / '2.jpg').read_bytes())
    convert.convert(source_of(files, view=20), tmp_path / 'out', nothing_known(), set(), pool)
    (shard,) = shards_of(tmp_path / 'out', 'made')
    assert len(shard) == 6 and len(set(shard.digests)) == 6
    assert '3 the same file again' in capsys.readouterr().out


def test_a_copy_in_a_mirror_of_another_size_is_known_from_a_shard(tmp_path):
    shard = write_shard(tmp_path, made_source(), [photo(1), photo(2)], [NO_LABELS] * 2, [NOTHING] * 2)
    known = Known()
    known.add(shard.prints, shard.details)
    copy = np.asarray(Image.fromarray(photo(2)[:, ::-1]).resize((96, 72)))
    assert known.holds(fingerprint(copy), details(copy))
    assert not known.holds(fingerprint(photo(3)), details(photo(3)))


def test_a_stopped_conversion_goes_on_to_the_same_shards(files, tmp_path, pool, monkeypatch):
    monkeypatch.setattr(convert, 'SHARD_SIZE', 2)
    monkeypatch.setattr(convert, 'CHUNK_SIZE', 2)
    source = source_of(files)
    convert.convert(source, tmp_path / 'through', nothing_known(), set(), pool)
    write, written = convert.Draft.write, []

    def stop_at_the_second(draft, stem, **facts):
        if written:
            raise KeyboardInterrupt
        written.append(stem)
        write(draft, stem, **facts)

    monkeypatch.setattr(convert.Draft, 'write', stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        convert.convert(source, tmp_path / 'stopped', nothing_known(), set(), pool)
    monkeypatch.setattr(convert.Draft, 'write', write)
    convert.convert(source, tmp_path / 'stopped', nothing_known(), set(), pool)
    through, stopped = (shards_of(tmp_path / name, 'made') for name in ('through', 'stopped'))
    assert [s.paths for s in through] == [s.paths for s in stopped] and len(through) >= 3
    assert all(a.images.read_bytes() == b.images.read_bytes() for a, b in zip(through, stopped, strict=True))


def test_the_teacher_looks_once_at_each_shard(tmp_path, pool, monkeypatch):
    looks = []

    def detect(task):
        looks.append(task)
        return rows((PERSON, 0, 0, 50, 100, 0.9)) if len(looks) == 1 else NOTHING

    monkeypatch.setattr(pseudo_labels, 'detect', detect)
    shard = write_shard(tmp_path, made_source(), [photo(1), photo(2)], [NO_LABELS] * 2, [NOTHING] * 2)
    shard.seen.unlink()
    for _ in range(2):
        pseudo_labels.label(made_source(), shard, tmp_path, pool)
    assert len(looks) == 2
    first, second = pseudo_labels.seen(shard)
    assert first[0].tolist() == pytest.approx([PERSON, 0, 0, 50, 100, 0.9]) and len(second) == 0


def test_no_teacher_is_asked_where_every_object_of_every_class_is_labelled(tmp_path, pool, monkeypatch):
    looks = []
    monkeypatch.setattr(pseudo_labels, 'detect', lambda task: looks.append(task) or NOTHING)
    whole = made_source(exhaustive=CLASS_NAMES)
    shard = write_shard(tmp_path, whole, [photo(1), photo(2)], [NO_LABELS] * 2, [NOTHING] * 2)
    for asked, source in (
        (0, whole),
        (2, changed(whole, exhaustive=CLASS_NAMES[:-1])),
        (4, changed(whole, unreliable=('car',))),
        (6, changed(whole, camera=True)),
    ):
        shard.seen.unlink()
        pseudo_labels.label(source, shard, tmp_path, pool)
        assert len(looks) == asked and len(pseudo_labels.seen(shard)) == 2


def test_the_table_holds_merged_boxes_and_the_images_pixels(tmp_path):
    source = made_source(labels='yolo', classes={'0': 'car'}, weight=2.0)
    label, sight = (
        rows((CAR, 10, 10, 60, 60)),
        rows((PERSON, 80, 10, 100, 60, 0.8), (DOG, 0, 80, 30, 110, 0.3)),
    )
    write_shard(tmp_path, source, [photo(1), photo(2)], [label, NO_LABELS], [sight, sight])
    assemble([source], tmp_path)
    prepared = PreparedImages(tmp_path)
    assert [(int(r[0]), int(r[5])) for r in prepared.rows(0)] == [
        (CAR, 1),
        (PERSON, 1),
        (DOG, 0),
    ]
    assert prepared.sizes.tolist() == [[160, 120]] * 2 and prepared.sets == ['made'] * 2
    assert np.abs(np.asarray(prepared.open(1)).astype(int) - photo(2)).mean() < 3
    drawn = prepared.draw(np.random.default_rng(0), 400)
    assert set(drawn.tolist()) == {0, 1}


def test_training_without_prepared_images_says_what_to_run(tmp_path):
    with pytest.raises(UserError, match='ghostcam-prepare'):
        PreparedImages(tmp_path)


def test_held_out_views_and_empty_scenes_are_not_trained_on_but_measured(tmp_path, pool, monkeypatch):
    source = made_source(camera=True)
    person = rows((PERSON, 20, 20, 60, 100, 0.9))
    pictures = [photo(seed) for seed in range(60)]
    seen = [person if i % 2 else NOTHING for i in range(60)]
    shard = write_shard(tmp_path, source, pictures, [NO_LABELS] * 60, seen)
    held = [i for i in range(60) if hold_out.HeldOut(tmp_path).holds(source, shard, i, seen[i])]
    views, empty = [i for i in held if i % 2], [i for i in held if not i % 2]
    assert views and empty
    monkeypatch.setattr(
        hold_out,
        'second_opinion',
        lambda images, *_: [found if len(found) else NOTHING for _, _, found in images],
    )
    hold_out.hold_out([source], tmp_path, tmp_path, pool)
    assemble([source], tmp_path)
    assert len(PreparedImages(tmp_path)) == 60 - len(held)
    cameras = list(read_photos(tmp_path / 'validation' / 'pool_cameras-val.tar'))
    assert len(cameras) == len(views)
    assert all(p.boxes[:, 0].tolist() == [PERSON] for p in cameras)
    assert cameras[0].boxes[0, 1:] == pytest.approx([20, 20, 60, 100], abs=0.01)
    archive = tmp_path / 'validation' / 'empty-val.tar'
    assert len(list(read_photos(archive))) == len(empty)
    # It is made once, as training may see whatever is not in it.
    content = archive.read_bytes()
    monkeypatch.setattr(hold_out, 'MAX_EMPTY', 1)
    hold_out.hold_out([source], tmp_path, tmp_path, pool)
    assert archive.read_bytes() == content


def test_empty_scenes_that_are_not_measured_with_are_trained_on(tmp_path, pool, monkeypatch):
    source = made_source()
    shard = write_shard(tmp_path, source, [photo(i) for i in range(30)], [NO_LABELS] * 30, [NOTHING] * 30)
    assemble([source], tmp_path)
    before = len(PreparedImages(tmp_path))
    monkeypatch.setattr(hold_out, 'MAX_EMPTY', 4)
    monkeypatch.setattr(hold_out, 'second_opinion', lambda images, *_: [NOTHING for _ in images])
    hold_out.hold_out([source], tmp_path, tmp_path, pool)
    assemble([source], tmp_path)
    prepared = PreparedImages(tmp_path)
    assert before < len(prepared) == 26
    trained = {prepared.open(i).fp.getvalue() for i in range(26)}
    with tarfile.open(tmp_path / 'validation' / 'empty-val.tar') as tar:
        held = {tar.extractfile(member).read() for member in tar if member.name.endswith('.jpg')}
    assert len(held) == 4 and not held & trained
    assert trained | held == {shard.encoded([i])[0] for i in range(30)}


def test_what_two_teachers_agree_on_is_truth_and_the_rest_ignored():
    sure, agreed = (PERSON, 0, 0, 50, 100, 0.8), (PERSON, 2, 0, 50, 98, 0.3)
    doubtful = (CAR, 60, 0, 90, 30, 0.35)
    assert hold_out.agreement(rows(sure), rows(agreed)).tolist() == [[PERSON, 1, 0, 50, 99, OBJECT]]
    for first, second in (
        (sure, (DOG, *sure[1:])),
        (sure, (*sure[:5], 0.2)),
        (doubtful, doubtful),
    ):
        found = hold_out.agreement(rows(first), rows(second))
        assert len(found) and (found[:, 5] == IGNORE).all() and not hold_out.is_clear(found)
    both = hold_out.agreement(rows(sure, doubtful), rows(agreed))
    assert both[:, 5].tolist() == [OBJECT, IGNORE] and hold_out.is_clear(both)
    assert not hold_out.is_clear(np.concatenate((both, both[1:], both[1:], both[1:])))
    assert len(hold_out.agreement(NOTHING, NOTHING)) == 0


def test_the_second_teacher_is_asked_once_about_an_image(tmp_path, pool, monkeypatch):
    asked = []
    monkeypatch.setattr(
        hold_out,
        'detect',
        lambda task: asked.append(task) or rows((DOG, 0, 0, 9, 9, 0.5)),
    )
    shard = write_shard(tmp_path, made_source(), [photo(1), photo(2)], [NO_LABELS] * 2, [NOTHING] * 2)
    for images in ([(shard, 0, NOTHING)], [(shard, 0, NOTHING), (shard, 1, NOTHING)]):
        found = hold_out.second_opinion(images, tmp_path / 'second.npz', tmp_path, pool)
        assert [f[:, 0].tolist() for f in found] == [[DOG]] * len(images)
    assert len(asked) == 2


def test_detections_in_ignored_boxes_are_not_counted():
    truth, ignored = rows((PERSON, 0, 0, 50, 100)), rows((PERSON, 0, 0, 100, 100))
    right, other = (PERSON, 0, 0, 50, 96, 0.9), (DOG, 60, 10, 90, 90, 0.8)
    outside = (CAR, 90, 0, 150, 100, 0.7)
    kept = drop_ignored(rows(right, other, outside), truth, ignored)
    assert kept[:, 0].tolist() == [PERSON, CAR]
    assert len(drop_ignored(rows(right, other, outside), truth, NO_LABELS)) == 3


def test_ignored_lines_of_an_archive_are_no_truth(tmp_path):
    shard = write_shard(tmp_path, made_source(), [photo(1)], [NO_LABELS], [NOTHING])
    truth = rows((PERSON, 0, 0, 50, 100, OBJECT), (CAR, 60, 0, 90, 30, IGNORE))
    hold_out.write(tmp_path / 'some-val.tar', [(shard, 0, truth)])
    (image,) = read_photos(tmp_path / 'some-val.tar')
    assert image.boxes[:, 0].tolist() == [PERSON] and image.ignored[:, 0].tolist() == [CAR]


def detect_nothing(task):
    """A teacher's detections of a picture; of the workers' processes, so that it cannot be made inside a test."""
    return NOTHING


def test_one_command_prepares_sets_and_pool_and_a_second_run_adds_nothing(files, tmp_path, monkeypatch):
    monkeypatch.setattr(pseudo_labels, 'detect', detect_nothing)
    monkeypatch.setattr(hold_out, 'detect', detect_nothing)
    data = tmp_path / 'data'
    data.mkdir()
    (data / 'sets.json').write_text(
        json.dumps({'sets': {'own': {'labelled': ['car'], 'exhaustive': True, 'licence': 'CC0'}}})
    )
    for part, seeds in (('train', (20, 21, 5, 1)), ('val', (5, 3))):
        with tarfile.open(data / f'own-{part}.tar', 'w') as tar:
            for seed in seeds:
                for ending, content in (
                    ('.webp', jpeg(photo(seed))),
                    ('.txt', b'2 0.5 0.5 0.5 0.5'),
                ):
                    member = tarfile.TarInfo(f'{seed}{ending}')
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
    row = {
        'path': 'files',
        'images': ['images/*'],
        'cap': 100,
        'labels': 'yolo',
        'label': ['images/', 'labels/'],
    }
    (tmp_path / 'table.json').write_text(json.dumps({'sources': {'pool': {**row, 'classes': {'1': 'dog'}}}}))
    command = [
        f'--{k}={v}'
        for k, v in (
            ('data', data),
            ('pool', tmp_path),
            ('table', tmp_path / 'table.json'),
        )
    ]
    command += [
        '--teachers',
        str(tmp_path),
        '--prepared',
        str(tmp_path / 'prepared'),
        '--workers',
        '2',
    ]
    prepare_command.main(command)
    prepared = PreparedImages(tmp_path / 'prepared')
    # Two of the pool and one of the set are in validation, and another of the pool is in the set.
    assert sorted(prepared.sets) == ['own'] * 3 + ['pool'] * 3
    labels = {name: prepared.rows(i)[:, 0].tolist() for i, name in enumerate(prepared.sets)}
    assert labels == {'own': [CAR], 'pool': [DOG]}
    assert (tmp_path / 'prepared' / 'validation' / 'empty-val.tar').exists()
    files_before = {p: p.read_bytes() for p in (tmp_path / 'prepared').glob('*-000*')}
    prepare_command.main(command)
    prepare_command.main([*command, '--assemble'])
    assert {p: p.read_bytes() for p in (tmp_path / 'prepared').glob('*-000*')} == files_before
    assert sorted(PreparedImages(tmp_path / 'prepared').sets) == sorted(prepared.sets)
