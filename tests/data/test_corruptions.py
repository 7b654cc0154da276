"""Corruptions: what they do to pixels, against plain implementations, and what they may not change."""

import io
import math

import numpy as np
import pytest
import torch
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from PIL import Image
from scipy import ndimage

from wsbook.data.corruptions import CORRUPTIONS, EXTRA, MAIN, SEVERITIES, corrupt
from wsbook.data.corruptions.blur import trailed
from wsbook.data.corruptions.digital import CHROMINANCE, LUMINANCE, table
from wsbook.data.corruptions.resample import enlarged, smooth
from wsbook.data.corruptions.weather import plasma
from wsbook.errors import StudyError

RISING = set(CORRUPTIONS) - {
    "frost", "glass_blur", "motion_blur", "elastic_transform", "saturate", "spatter",
}  # fmt: skip
RUNS = {  # severities between which the mean squared error rises, of the others
    "frost": [(1, 2, 3)],
    "glass_blur": [(1, 4), (2, 4), (3, 5)],
    "motion_blur": [(1, 2, 3, 5)],
    "elastic_transform": [],
    "saturate": [(1, 2), (3, 4, 5)],
    "spatter": [(1, 2, 3), (4, 5)],
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def natural(n, size=32, channels=3):
    """Images uint8 (n, size, size, channels) with more power in coarse than in fine structure."""
    noise = torch.rand(n, channels, size, size, generator=generator(7))
    image = sum(2**k * smooth(noise.roll(k, 0), 2.0**k) for k in range(3))
    least, most = image.amin((2, 3), keepdim=True), image.amax((2, 3), keepdim=True)
    return ((image - least) / (most - least) * 235 + 10).round().byte().permute(0, 2, 3, 1).contiguous()


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads that wait for one another are slower than none on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def images():
    return natural(60)


def error(images, name, severity):
    changed = corrupt(images, name, severity, generator(severity))
    return (changed.float() - images.float()).square().mean().item()


def apply(name, severity, images, seed=0):
    """A corruption as floats (N, H, W, C) from 0 to 1, before it is cut to bytes."""
    x = images.permute(0, 3, 1, 2).float() / 255
    return CORRUPTIONS[name](x, severity, generator(seed)).permute(0, 2, 3, 1)


def test_there_are_fifteen_and_four():
    assert len(MAIN) == 15 and len(EXTRA) == 4 and set(MAIN) | set(EXTRA) == set(CORRUPTIONS)


@pytest.mark.parametrize("name", sorted(RISING))
def test_the_error_rises_with_severity(images, name):
    errors = [error(images, name, severity) for severity in SEVERITIES]
    assert errors == sorted(errors) and errors[0] < errors[-1], errors


@pytest.mark.parametrize("name", sorted(RUNS))
def test_the_error_rises_within_what_constants_change_alone(images, name):
    for run in RUNS[name]:
        errors = [error(images, name, severity) for severity in run]
        assert errors == sorted(errors), (run, errors)
    assert all(error(images, name, severity) > 0 for severity in SEVERITIES)


@pytest.mark.parametrize("shape", [(5, 32, 32, 3), (4, 8, 8, 1), (3, 12, 20, 2), (1, 1, 1, 3)])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_shapes_types_and_determinism(name, shape):
    images = torch.randint(256, shape, dtype=torch.uint8, generator=generator(3))
    before = images.clone()
    for severity in (1, 3, 5):
        changed = corrupt(images, name, severity, generator(severity))
        assert changed.shape == shape and changed.dtype == torch.uint8 and changed.is_contiguous()
        assert torch.equal(changed, corrupt(images, name, severity, generator(severity)))
    assert torch.equal(images, before)


@pytest.mark.parametrize("name", ["gaussian_noise", "fog", "elastic_transform", "spatter", "glass_blur"])
def test_every_image_and_every_generator_has_its_own_randomness(images, name):
    same = images[:1].expand(6, -1, -1, -1)
    first = corrupt(same, name, 5, generator(0))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first, corrupt(same, name, 5, generator(1)))


def test_batches_of_any_size_and_none():
    images = torch.randint(256, (700, 32, 32, 3), dtype=torch.uint8, generator=generator(3))
    assert corrupt(images, "contrast", 3, generator())[341:343].equal(
        corrupt(images[341:343], "contrast", 3, generator())
    )
    assert corrupt(images[:0], "fog", 3, generator()).shape == (0, 32, 32, 3)


@pytest.mark.parametrize(
    "images, name, severity, message",
    [
        (
            torch.zeros(1, 8, 8, 1, dtype=torch.uint8),
            "rain",
            1,
            "no corruption 'rain'; choose one of gauss",
        ),
        (torch.zeros(1, 8, 8, 1, dtype=torch.uint8), "snow", 0, "severities are 1 to 5, not 0"),
        (torch.zeros(1, 8, 8, 1, dtype=torch.uint8), "snow", 6, "severities are 1 to 5, not 6"),
        (torch.zeros(1, 8, 8, 1), "snow", 1, "not torch.float32 of shape"),
        (torch.zeros(8, 8, 1, dtype=torch.uint8), "snow", 1, "not torch.uint8 of shape"),
    ],
)
def test_mistakes(images, name, severity, message, one_sentence):
    with pytest.raises(StudyError, match=message) as error:
        corrupt(images, name, severity, generator())
    one_sentence(error.value)


# Noise: moments


def test_noise_has_the_published_strength():
    grey = torch.full((40, 32, 32, 3), 128, dtype=torch.uint8)
    level = 128 / 255
    for name, variance in {
        "gaussian_noise": 0.08**2,
        "shot_noise": level / 100,
        "speckle_noise": (0.12 * level) ** 2,
    }.items():
        found = apply(name, 3, grey)
        assert abs(found.mean().item() - level) < 2e-3
        assert found.var().item() == pytest.approx(variance, rel=0.03), name


def test_impulses_hit_each_value_by_itself(images):
    changed = corrupt(images, "impulse_noise", 5, generator())
    hit = changed != images
    assert hit.float().mean().item() == pytest.approx(0.07, rel=0.05)
    assert set(changed[hit].unique().tolist()) == {0, 255}
    assert (changed[hit] == 255).float().mean().item() == pytest.approx(0.5, abs=0.02)
    assert hit.all(-1).float().mean() < 0.005  # channels are not hit together


# Blur: against SciPy and loops


def test_gaussian_blur_is_scipys(images):
    x = images[:3].numpy() / 255
    expected = ndimage.gaussian_filter(x, (0, 0.7, 0.7, 0), mode="nearest")
    assert np.abs(apply("gaussian_blur", 3, images[:3]).numpy() - expected).max() < 1e-5


@pytest.mark.parametrize("factor", [1, 1.03, 1.25, 1.75, 2.25])
def test_enlarging_is_scipys(factor):
    x = torch.rand(1, 1, 32, 32, generator=generator())
    crop = math.ceil(32 / factor)
    top = (32 - crop) // 2
    big = ndimage.zoom(x[0, 0, top : top + crop, top : top + crop].double().numpy(), factor, order=1)
    trim = (len(big) - 32) // 2
    expected = big[trim : trim + 32, trim : trim + 32]
    assert np.abs(enlarged(x, factor)[0, 0].numpy() - expected).max() < 1e-5


@pytest.mark.parametrize(
    "name", ["gaussian_blur", "defocus_blur", "motion_blur", "zoom_blur", "glass_blur"]
)
def test_blur_keeps_a_plain_image_and_about_the_mean(images, name):
    plain = torch.full((2, 16, 16, 3), 99, dtype=torch.uint8)
    assert torch.equal(corrupt(plain, name, 5, generator()), plain)
    means = [x.float().mean((1, 2)) for x in (images, corrupt(images, name, 5, generator()))]
    assert (means[1] - means[0]).abs().mean() < 4


def test_defocus_blur_of_a_point():
    point = torch.zeros(1, 11, 11, 1, dtype=torch.uint8)
    point[0, 5, 5] = 255
    spread = apply("defocus_blur", 5, point)[0, :, :, 0]
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    assert (spread > 1e-3).sum() == 9  # a disk of radius 1.5 holds 3 x 3 pixels
    assert torch.allclose(spread, spread.mT) and torch.allclose(spread, spread.flip(0))


def test_motion_blur_walks_along_its_angle():
    x = torch.rand(2, 1, 20, 20, generator=generator())
    degrees, radius, sigma = torch.tensor([33.0, -41.0]), 6, 2.0
    found = trailed(x, radius, sigma, degrees)
    for n, angle in enumerate(np.deg2rad(degrees.numpy())):
        weights = np.exp(-0.5 * (np.arange(2 * radius + 1) / sigma) ** 2)
        expected = 0
        for i, weight in enumerate(weights / weights.sum()):
            down, right = math.ceil(i * math.sin(angle) - 0.5), math.ceil(i * math.cos(angle) - 0.5)
            expected += weight * x[n, 0, 10 + down, 3 + right].item()
        assert found[n, 0, 10, 3].item() == pytest.approx(expected, abs=1e-3)


def test_glass_blur_is_the_published_loop():
    # Of two views, `a, b = b, a` copies b to a and then a to itself.
    x = np.random.default_rng(0).random((9, 9, 3))
    moves = np.random.default_rng(1).integers(-1, 1, (9, 9, 2))
    loop = x.copy()
    for h in range(8, 1, -1):
        for w in range(8, 1, -1):
            down, right = moves[h, w]
            loop[h, w], loop[h + down, w + right] = loop[h + down, w + right], loop[h, w]
    expected = x.copy()
    for h in range(2, 9):
        for w in range(2, 9):
            expected[h, w] = x[h + moves[h, w, 0], w + moves[h, w, 1]]
    assert np.array_equal(loop, expected)


def test_glass_blur_takes_neighbours_above_and_left():
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    places = torch.stack([rows, columns], -1)[None].byte().expand(50, -1, -1, -1)
    moved = corrupt(places, "glass_blur", 1, generator()).int() - places.int()
    assert set(moved.unique().tolist()) == {-1, 0}
    assert (moved[:, :2] == 0).all() and (moved[:, :, :2] == 0).all()
    for axis in range(2):
        assert moved[:, 2:, 2:, axis].float().mean().item() == pytest.approx(-0.5, abs=0.02)


# Colour, against matplotlib's conversions


@pytest.mark.parametrize("severity", SEVERITIES)
def test_brightness_and_saturation_are_those_of_hsv(severity):
    images = torch.randint(256, (2, 16, 16, 3), dtype=torch.uint8, generator=generator())
    images[:, :4] = images[:, :4, :, :1]  # greys
    images[:, :2] = 0
    hsv = rgb_to_hsv(images.numpy() / 255)
    bright, rich = hsv.copy(), hsv.copy()
    bright[..., 2] = np.clip(hsv[..., 2] + (0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1], 0, 1)
    factor, shift = ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2))[severity - 1]
    rich[..., 1] = np.clip(factor * hsv[..., 1] + shift, 0, 1)
    for name, expected in {"brightness": bright, "saturate": rich}.items():
        assert np.abs(apply(name, severity, images).numpy() - hsv_to_rgb(expected)).max() < 1e-4


def test_contrast_pulls_channels_to_their_means(images):
    x = images.double().numpy() / 255
    means = x.mean((1, 2), keepdims=True)
    assert np.abs(apply("contrast", 4, images).numpy() - (means + 0.3 * (x - means))).max() < 1e-5


def test_grey_images_have_no_saturation():
    images = torch.randint(256, (2, 8, 8, 1), dtype=torch.uint8, generator=generator())
    assert torch.equal(corrupt(images, "saturate", 5, generator()), images)


# Storing, against Pillow


def picture(image):
    return Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_pixelate_is_pillows(images, severity):
    small = int(32 * (0.95, 0.9, 0.85, 0.75, 0.65)[severity - 1])
    found = corrupt(images[:8], "pixelate", severity, generator()).numpy()
    for image, pixels in zip(images[:8].numpy(), found):
        expected = np.asarray(
            picture(image)
            .resize((small, small), Image.Resampling.BOX)
            .resize((32, 32), Image.Resampling.BOX)
        )
        assert np.abs(pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("channels", [3, 1])
def test_jpeg_is_close_to_pillows(channels):
    images = natural(20, 32, channels)
    for severity, quality in zip(SEVERITIES, (80, 65, 58, 50, 40)):
        found = corrupt(images, "jpeg_compression", severity, generator()).numpy().astype(int)
        stored = []
        for image in images.numpy():
            file = io.BytesIO()
            picture(image).save(file, "JPEG", quality=quality)
            stored.append(np.asarray(Image.open(file)).reshape(image.shape).astype(int))
        loss = np.abs(images.numpy() - np.stack(stored)).mean()
        assert np.abs(found - np.stack(stored)).mean() < 0.2 * loss  # integer arithmetic there


def test_jpeg_tables_are_pillows():
    for quality in (80, 50, 40):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "JPEG", quality=quality)
        tables = Image.open(file).quantization
        for number, base in enumerate((LUMINANCE, CHROMINANCE)):
            assert table(base, quality).flatten().int().tolist() == list(tables[number])


def test_elastic_transform_is_affine_at_severity_1():
    columns = torch.arange(32).expand(32, 32)
    ramp = (60 + 3 * columns + 2 * columns.mT).byte()[None, :, :, None].expand(30, -1, -1, -1)
    inner = apply("elastic_transform", 1, ramp)[:, 10:22, 10:22, 0] * 255
    second = [inner.diff(n=2, dim=axis).abs().max() for axis in (1, 2)]
    assert max(second) < 0.01
    rough = apply("elastic_transform", 5, ramp)[:, 10:22, 10:22, 0] * 255
    assert rough.diff(n=2, dim=1).abs().max() > 1
    shift = (inner.mean((1, 2)) - 60 - 5 * 15.5).abs()  # the centre moves by a few pixels at most
    assert 0.5 < shift.max() < 5 * 32 * 0.08


# Weather


def test_plasma_is_rough_where_its_noise_decays_slowly():
    like = torch.zeros(50, 1, 32, 32)
    roughness = []
    for decay in (3, 2, 1.5):
        clouds = plasma(like, decay, generator())
        assert clouds.shape == (50, 1, 32, 32)
        assert (clouds.amin((1, 2, 3)) == 0).all() and (clouds.amax((1, 2, 3)) == 1).all()
        roughness.append(clouds.diff(dim=2).abs().mean().item())
    assert roughness == sorted(roughness) and roughness[-1] > 1.5 * roughness[0]


def test_fog_keeps_the_brightest_value_in_range(images):
    x = images.permute(0, 3, 1, 2).float() / 255
    clouds = plasma(x, 2.5, generator())
    brightest = x.amax((1, 2, 3), keepdim=True)
    expected = (x + 0.75 * clouds) * brightest / (brightest + 0.75)
    assert torch.allclose(apply("fog", 3, images), expected.permute(0, 2, 3, 1), atol=1e-6)
    assert expected.max() <= 1


def test_frost_hides_more_and_more(images):
    x = images.float().flatten(1)
    hidden = []
    for severity in SEVERITIES:
        y = corrupt(images, "frost", severity, generator(severity)).float().flatten(1)
        pairs = [torch.corrcoef(torch.stack(pair))[0, 1] for pair in zip(x, y)]
        hidden.append(1 - torch.stack(pairs).mean().item())
    assert hidden == sorted(hidden)


def test_snow_falls_brightly(images):
    for severity in SEVERITIES:
        changed = corrupt(images, "snow", severity, generator())
        assert (changed.int() - images.int()).min() >= -1
    plain = torch.zeros(200, 32, 32, 3, dtype=torch.uint8)
    flakes = corrupt(plain, "snow", 5, generator()).float() - 255 * 0.2 * 0.5
    assert (flakes - flakes.flip(1, 2)).abs().max() <= 1  # each flake and its reflection


def test_mud_covers_and_water_brightens(images):
    water = corrupt(images, "spatter", 3, generator()).int() - images.int()
    assert water.min() >= 0 and 0.02 < (water > 0).float().mean() < 0.6
    mud = corrupt(images, "spatter", 5, generator())
    covered = (mud != images).any(-1)
    assert 0 < covered.float().mean() < 0.3
    brown = torch.tensor([63.0, 42, 20])
    far = (images[covered].float() - brown).abs()
    assert ((mud[covered].float() - brown).abs() <= 0.2 * far + 1).all()
