"""Converters: the bytes of every published format become the images and labels that were put in."""

import bz2
import gzip
import io
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from wsbook.data.fetch import agree, store
from wsbook.data.imageset import canonical_order
from wsbook.data.sources import SOURCES, convert, formats
from wsbook.data.sources.archives import members
from wsbook.data.sources.pictures import Pictures, decoded
from wsbook.errors import StudyError

RNG = np.random.default_rng(0)


def noise(*shape):
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("folder")
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return path


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_cifar_stores_colours_one_after_another():
    image = noise(32, 32, 3)
    planes = [
        image[row, column, colour] for colour in range(3) for row in range(32) for column in range(32)
    ]
    images, labels = formats.cifar(bytes([7, *planes]) * 2)
    assert images.shape == (2, 32, 32, 3) and labels.tolist() == [7, 7]
    assert np.array_equal(images[1], image)


def test_cifar100_counts_fine_labels():
    images, labels = formats.cifar(bytes([19, 98]) + bytes(3072), label_bytes=2)
    assert labels.tolist() == [98] and images.sum() == 0


def test_idx_has_a_header_that_is_checked(one_sentence):
    array = noise(4, 5, 6)
    assert np.array_equal(formats.idx(idx(array)), array)
    for raw, message in {
        idx(array)[:-1]: "shape .* holds 119 values",
        b"\x89PNG" + bytes(20): "starts with 89504e47",
        b"\0\0\x08\x03": "no IDX file",
        b"": "no IDX file",
    }.items():
        with pytest.raises(StudyError, match=message) as error:
            formats.idx(raw)
        one_sentence(error.value)


def test_records_must_divide():
    with pytest.raises(StudyError, match="3072 bytes is not made of records of 3073"):
        formats.cifar(bytes(3072))


def test_usps_pixels_and_labels():
    # The second row has pixels of the published file beside what they became in the known arrays.
    published = {6: -0.597416, 7: -0.289254, 8: 0.001891, 9: 0.199196, 14: -0.958667, 26: 0.458590}
    text = "3 " + " ".join(f"{i}:{1 if i % 2 else -1:.6f}" for i in range(1, 257)) + " \n"
    text += "10 " + " ".join(f"{i}:{value:.6f}" for i, value in published.items()) + "\n"
    images, labels = formats.usps(text.encode())
    assert images.shape == (2, 16, 16, 1) and labels.tolist() == [2, 9]
    assert images[0].ravel().tolist() == [255, 0] * 128
    flat = images[1].ravel()
    assert [flat[i - 1] for i in published] == [52, 91, 128, 153, 5, 187]
    assert flat[100] == 0  # left out, as sparse files do


def test_usps_archives(tmp_path):
    for number in (1, 10):
        (tmp_path / f"{number}.bz2").write_bytes(bz2.compress(f"{number} 1:1 256:0\n".encode()))
    splits = convert.usps([tmp_path / "1.bz2", tmp_path / "10.bz2"]).splits
    assert [splits[split][1].tolist() for split in ("train", "test")] == [[0], [9]]
    assert splits["test"][0][0, [0, -1], [0, -1], 0].tolist() == [255, 128]


def test_svhn_counts_the_image_last_and_zero_as_ten():
    images = noise(4, 32, 32, 3)
    file = io.BytesIO()
    savemat(file, {"X": images.transpose(1, 2, 3, 0), "y": np.array([[10], [1], [9], [10]], np.uint8)})
    found, labels = formats.svhn(file.getvalue())
    assert np.array_equal(found, images) and labels.tolist() == [0, 1, 9, 0]


def test_stl10_stores_columns():
    image = noise(96, 96, 3)
    raw = bytes(
        image[row, column, colour] for colour in range(3) for column in range(96) for row in range(96)
    )
    found = formats.stl10(raw * 2, b"\x01\x0a")
    assert np.array_equal(found[0][1], image) and found[1].tolist() == [0, 9]


def test_stl10_archive(tmp_path):
    files = {
        "stl10_binary/train_X.bin": bytes(3 * 96 * 96),
        "stl10_binary/train_y.bin": b"\x0a",
        "stl10_binary/test_X.bin": bytes(2 * 3 * 96 * 96),
        "stl10_binary/test_y.bin": b"\x01\x05",
        "stl10_binary/unlabeled_X.bin": b"left alone",
    }
    splits = convert.stl10([tarred(tmp_path / "stl10.tar.gz", files)]).splits
    assert {split: (len(x), y.tolist()) for split, (x, y) in splits.items()} == {
        "train": (1, [9]), "test": (2, [0, 4]),
    }  # fmt: skip


def test_halved_averages_and_rounds_up():
    blocks = np.array([[0, 1, 255, 255], [0, 1, 255, 254]], np.uint8)[None, :, :, None]
    assert formats.halved(blocks).ravel().tolist() == [1, 255]  # 0.5 and 254.75


def test_emnist_is_turned_upright(tmp_path):
    images, labels = noise(3, 28, 28), np.array([1, 26, 2], np.uint8)
    files = {}
    for split in ("train", "test"):
        files[f"gzip/emnist-letters-{split}-images-idx3-ubyte.gz"] = gzip.compress(idx(images))
        files[f"gzip/emnist-letters-{split}-labels-idx1-ubyte.gz"] = gzip.compress(idx(labels))
    files["gzip/emnist-digits-train-images-idx3-ubyte.gz"] = b"left alone"
    files["gzip/emnist-letters-mapping.txt"] = b"1 65 97"
    splits = convert.emnist_letters([zipped(tmp_path / "gzip.zip", files)]).splits
    assert np.array_equal(splits["test"][0][1, :, :, 0], images[1].T)
    assert splits["train"][1].tolist() == [0, 25, 1]


def test_members_of_archives_are_filtered_and_sorted(tmp_path):
    files = {"b/2.bin": b"two", "a/1.bin": b"one", "c.txt": b"no"}
    for path in (zipped(tmp_path / "x.zip", files), tarred(tmp_path / "x.tgz", files)):
        found = members(path, lambda name: name.endswith(".bin"))
        assert list(found.items()) == [("a/1.bin", b"one"), ("b/2.bin", b"two")]


# Pictures


def test_a_picture_of_the_right_size_is_not_touched():
    pixels = noise(64, 64, 3)
    assert np.array_equal(decoded(png(pixels), 64, 64), pixels)
    assert np.array_equal(decoded(png(pixels[..., 0]), 64, 64), np.repeat(pixels[..., :1], 3, -1))


def test_a_picture_is_scaled_and_its_centre_cut_out():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    assert (decoded(png(wide), 20, 20) == 200).all()
    assert decoded(png(wide), 40, 32).shape == (32, 32, 3)
    assert decoded(png(wide.transpose(1, 0, 2)), 8, 8).shape == (8, 8, 3)


def test_eurosat(tmp_path):
    images = noise(3, 64, 64, 3)
    names = ["River/River_2.png", "Forest/Forest_10.png", "River/River_1.png"]
    files = {f"EuroSAT_RGB/{name}": png(image) for name, image in zip(names, images)}
    found, labels = convert.eurosat([zipped(tmp_path / "x.zip", files)]).splits["all"]
    assert labels.tolist() == [0, 1, 1]
    assert np.array_equal(found, formats.halved(images[[1, 2, 0]]))


def test_imagenette(tmp_path):
    names = ["train/n02/b.JPEG", "train/n01/a.JPEG", "val/n02/c.JPEG", "val/n01/d.JPEG", "train/n02/e.JPEG"]
    files = {f"imagenette2-160/{name}": png(noise(12, 16, 3)) for name in names}
    files["imagenette2-160/noisy_imagenette.csv"] = b"left alone"
    splits = convert.imagenette([tarred(tmp_path / "x.tgz", files)], size=8).splits
    assert splits["train"][1].tolist() == [0, 1, 1] and splits["val"][1].tolist() == [0, 1]
    assert splits["train"][0].shape == (3, 8, 8, 3)


def test_tiny_imagenet_finds_labels_of_val_in_its_table(tmp_path):
    pictures = {name: noise(64, 64, 3) for name in ("a", "b", "v1", "v2")}
    root = "tiny-imagenet-200/"
    files = {
        f"{root}train/n09/images/n09_0.JPEG": png(pictures["a"]),
        f"{root}train/n03/images/n03_0.JPEG": png(pictures["b"]),
        f"{root}train/n03/n03_boxes.txt": b"n03_0.JPEG\t0\t1\t2\t3\n",
        f"{root}val/images/val_0.JPEG": png(pictures["v1"]),
        f"{root}val/images/val_1.JPEG": png(pictures["v2"]),
        f"{root}val/val_annotations.txt": b"val_0.JPEG\tn09\t0\t0\t1\t1\nval_1.JPEG\tn03\t0\t0\t1\t1\n",
        f"{root}test/images/test_0.JPEG": b"left alone",
    }
    converted = convert.tiny_imagenet([zipped(tmp_path / "x.zip", files)])
    assert converted.classes == ("n03", "n09")
    images, labels = converted.splits["val"]
    assert labels.tolist() == [1, 0]
    assert np.array_equal(images[np.array([1, 0])], np.stack([pictures["v2"], pictures["v1"]]))
    images, labels = converted.splits["train"]
    assert labels.tolist() == [0, 1] and np.array_equal(images[np.array([0])][0], pictures["b"])


# Storing


def test_stored_splits_are_in_canonical_order_class_by_class(tmp_path):
    images, labels = RNG.integers(0, 2, (60, 2, 2, 1), dtype=np.uint8), RNG.integers(0, 4, 60)
    note = store(tmp_path, convert.Converted({"train": (images, labels)}, ("a", "b", "c", "d")))
    order = canonical_order(images, labels)
    assert np.array_equal(np.load(tmp_path / "train_images.npy"), images[order])
    stored = np.load(tmp_path / "train_labels.npy")
    assert stored.dtype == np.uint8 and np.array_equal(stored, labels[order])
    assert note["classes"] == ["a", "b", "c", "d"] and note["splits"]["train"]["shape"] == [60, 2, 2, 1]


def test_pictures_are_stored_like_arrays_and_many_classes_take_two_bytes(tmp_path):
    pixels, labels = noise(5, 8, 8, 3), np.array([300, 2, 300, 0, 2], np.uint16)
    notes = []
    for name, images in {"array": pixels, "pictures": Pictures([png(x) for x in pixels], 8, 8)}.items():
        (tmp_path / name).mkdir()
        notes.append(store(tmp_path / name, convert.Converted({"val": (images, labels)})))
    assert notes[0] == notes[1]
    assert np.load(tmp_path / "array/val_labels.npy").dtype == np.uint16


# Real images, put into the formats in which they are published


def shuffled(name, split):
    arrays = [
        np.load(Path(os.environ["WSBOOK_DATA"], name, f"{split}_{part}.npy"))
        for part in ("images", "labels")
    ]
    order = np.random.default_rng(1).permutation(len(arrays[1]))
    return arrays[0][order], arrays[1][order]


def have(name):
    folder = Path(os.environ.get("WSBOOK_DATA", "nowhere"), name)
    return pytest.mark.skipif(not folder.is_dir(), reason=f"WSBOOK_DATA has no {name}")


@have("mnist")
def test_mnist_from_its_format_has_its_fingerprint(tmp_path):
    paths = []
    images, labels = shuffled("mnist", "test")
    for array in (images[..., 0], labels):
        paths.append(tmp_path / f"{len(paths)}.gz")
        paths[-1].write_bytes(gzip.compress(idx(array), 1))
    test = SOURCES["mnist"].convert(paths * 2).splits["test"]
    agree("mnist", store(tmp_path, convert.Converted({"test": test}))["splits"])


@have("cifar10")
def test_cifar10_from_its_format_has_its_fingerprint(tmp_path):
    images, labels = shuffled("cifar10", "test")
    rows = np.concatenate([labels[:, None], images.transpose(0, 3, 1, 2).reshape(len(labels), -1)], 1)
    note = store(tmp_path, convert.Converted({"test": formats.cifar(rows.tobytes())}))
    agree("cifar10", note["splits"])
    note["splits"]["test"]["labels_sha256"] = "0" * 64
    with pytest.raises(StudyError, match="test split of cifar10 is not what"):
        agree("cifar10", note["splits"])


@have("usps")
def test_usps_from_its_format_has_its_fingerprint(tmp_path):
    images, labels = shuffled("usps", "test")
    lines = [
        f"{label + 1} " + " ".join(f"{i}:{value / 128 - 1:.6f}" for i, value in enumerate(row, 1))
        for row, label in zip(images.reshape(len(labels), -1).astype(int), labels.astype(int))
    ]
    test = formats.usps("\n".join(lines).encode())
    agree("usps", store(tmp_path, convert.Converted({"test": test}))["splits"])
