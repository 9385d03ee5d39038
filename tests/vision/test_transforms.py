"""Transforms: a seed gives torchvision's crops and pictures, Pillow images and tensors agree, boxes move along."""

from __future__ import annotations

import numpy as np
import pytest

import flambeau as torch
from flambeau.vision import transforms as T
from flambeau.vision import tv_tensors
from flambeau.vision.transforms import functional as F
from flambeau.vision.transforms import v2

Image = pytest.importorskip("PIL.Image")
PIXELS = (torch.arange(3 * 24 * 32) * 7919 % 256).to(torch.uint8).reshape(3, 24, 32)

# printed by torchvision 0.28 with the seeds 0, 1, 2: the sum of each pixel times its place, modulo 1009
SEEDED = {
    "RandomCrop(16)": [383848.0, 382147.0, 360323.0],
    "RandomCrop((10,20),padding=4)": [260318.0, 288463.0, 191398.0],
    "RandomHorizontalFlip()": [1140603.0, 1137314.0, 1137314.0],
    "RandomVerticalFlip()": [1142871.0, 1137314.0, 1137314.0],
    "RandomResizedCrop((8,9),interpolation=I.NEAREST)": [103981.0, 110810.0, 110361.0],
    "RandomErasing(p=1.0)": [830155.0, 1018296.0, 974372.0],
    "RandomRotation(40)": [1137314.0, 991770.0, 1083348.0],
    "RandomAffine(30,translate=(.1,.2),scale=(.5,1.5),shear=10)": [484094.0, 1137806.0, 1032900.0],
    "RandomPerspective(p=1.0,interpolation=I.NEAREST)": [982984.0, 440115.0, 588368.0],
    "RandomInvert()": [1152214.0, 1137314.0, 1137314.0],
    "RandomPosterize(3)": [1016404.0, 1137314.0, 1137314.0],
    "RandomSolarize(100)": [1146787.0, 1137314.0, 1137314.0],
    "CenterCrop((9,40))": [437068.0, 437068.0, 437068.0],
    "Pad((1,2,3,4),padding_mode='reflect')": [1639794.0, 1639794.0, 1639794.0],
}
REPRS = {
    "Resize(5)": "Resize(size=5, interpolation=bilinear, max_size=None, antialias=True)",
    "Normalize((0.5,), (0.2,))": "Normalize(mean=(0.5,), std=(0.2,))",
    "RandomCrop(4)": "RandomCrop(size=(4, 4), padding=None)",
    "RandomResizedCrop(4)": "RandomResizedCrop(size=(4, 4), scale=(0.08, 1.0), ratio=(0.75, 1.3333), "
    "interpolation=bilinear, antialias=True)",
    "RandomRotation(30)": "RandomRotation(degrees=[-30.0, 30.0], interpolation=nearest, expand=False, fill=0)",
    "RandomPosterize(3)": "RandomPosterize(bits=3,p=0.5)",
    "Compose([ToTensor()])": "Compose(\n    ToTensor()\n)",
    "AutoAugment()": "AutoAugment(policy=AutoAugmentPolicy.IMAGENET, fill=None)",
}


def picture():
    return F.to_pil_image(PIXELS)


@pytest.mark.parametrize("package", [T, v2])
@pytest.mark.parametrize("code", SEEDED)
def test_a_seed_gives_torchvisions_pixels(package, code):
    transform = eval("package." + code, {"package": package, "I": T.InterpolationMode})
    found = []
    for seed in range(3):
        torch.manual_seed(seed)
        result = transform(PIXELS).double()
        places = torch.arange(1, result.numel() + 1).reshape(result.shape)
        found.append((result * places % 1009).sum().item())
    assert found == SEEDED[code]


def test_colour_jitter_draws_the_order_first():
    torch.manual_seed(0)
    order, *factors = T.ColorJitter.get_params((0.5, 1.5), (0.5, 1.5), None, (-0.1, 0.1))
    assert order.tolist() == [0, 1, 3, 2]
    assert factors == [0.6320304870605469, 0.8074228167533875, None, 0.026815736666321754]


@pytest.mark.parametrize("code", REPRS)
def test_repr(code):
    assert repr(eval("T." + code.replace("[", "[T."), {"T": T})) == REPRS[code]


@pytest.mark.parametrize(
    "function",
    [
        F.hflip,
        F.vflip,
        lambda img: F.crop(img, -2, 3, 20, 40),
        lambda img: F.center_crop(img, 13),
        lambda img: F.pad(img, (1, 2, 3, 4), padding_mode="symmetric"),
        lambda img: F.pad(img, 2, fill=7),
        lambda img: F.rotate(img, 90, expand=True),
        lambda img: F.affine(img, 0, (3, -2), 1.0, 0.0),
        lambda img: F.posterize(img, 2),
        lambda img: F.solarize(img, 99),
        F.invert,
        F.equalize,
    ],
)
def test_pillow_images_and_tensors_agree(function):
    assert torch.equal(F.pil_to_tensor(function(picture())), function(PIXELS))


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (np.arange(12, dtype=np.uint8).reshape(3, 4), "L"),
        (np.arange(36, dtype=np.uint8).reshape(3, 4, 3), "RGB"),
        (np.arange(48, dtype=np.uint8).reshape(3, 4, 4), "RGBA"),
        (np.arange(12, dtype=np.int32).reshape(3, 4) * 70000, "I"),
        (np.linspace(-1, 9, 12, dtype=np.float32).reshape(3, 4), "F"),
    ],
)
def test_arrays_become_images_and_come_back(array, mode):
    image = F.to_pil_image(array)
    assert image.mode == mode
    back = F.pil_to_tensor(image)
    assert np.array_equal(back.numpy(), np.atleast_3d(array).transpose(2, 0, 1))


def test_to_tensor_scales_bytes_only():
    assert F.to_tensor(picture()).equal(PIXELS.float() / 255)
    assert F.to_tensor(np.ones((2, 3, 1))).dtype == torch.float64
    with pytest.raises(TypeError, match="pic should be PIL Image or ndarray. Got <class 'int'>"):
        F.to_tensor(3)
    with pytest.raises(ValueError, match="pic should be 2/3 dimensional. Got 1 dimensions."):
        F.to_tensor(np.ones(3))


def test_gradients_pass_through_transforms():
    image = torch.rand(3, 8, 8, requires_grad=True)
    T.Compose([T.Pad(1), T.CenterCrop(4), T.Normalize(0.5, 0.5)])(image).sum().backward()
    expected = torch.zeros(3, 8, 8)
    expected[:, 2:6, 2:6] = 2.0
    assert torch.equal(image.grad, expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.normalize(torch.rand(3, 2, 2), [0.5], [0.0]), ValueError, "std evaluated to zero"),
        (lambda: F.normalize(PIXELS, [0.5], [1.0]), TypeError, "Input tensor should be a float tensor"),
        (
            lambda: T.RandomCrop(99)(PIXELS),
            ValueError,
            r"Required crop size \(99, 99\) is larger than input image size",
        ),
        (lambda: T.Resize("a" * 3), ValueError, "If size is a sequence, it should have 1 or 2 values"),
        (lambda: T.ColorJitter(hue=0.7), ValueError, "hue values should be between"),
        (lambda: T.GaussianBlur(4), ValueError, "Kernel size value should be an odd and positive number"),
        (lambda: F.hflip("image"), TypeError, "Unexpected type <class 'str'>"),
        (lambda: T.RandomRotation(-1), ValueError, "If degrees is a single number, it must be positive."),
        (lambda: v2.functional.adjust_hue(tv_tensors.Mask(PIXELS), 0.1), TypeError, "supports inputs of type"),
    ],
)
def test_mistakes(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---- v2 --------------------------------------------------------------------------------------------------------------


def sample():
    """A white box in a black picture, as image, mask and bounding box."""
    pixels = torch.zeros(3, 40, 60, dtype=torch.uint8)
    pixels[:, 10:20, 30:50] = 255
    box = tv_tensors.BoundingBoxes([[30, 10, 50, 20]], format="XYXY", canvas_size=(40, 60))
    target = {"boxes": box, "masks": tv_tensors.Mask(pixels[:1] > 0), "labels": torch.tensor([3])}
    return {"image": tv_tensors.Image(pixels), "target": target}


@pytest.mark.parametrize(
    "transform",
    [
        v2.RandomHorizontalFlip(1.0),
        v2.RandomVerticalFlip(1.0),
        v2.Resize((80, 120), interpolation=T.InterpolationMode.NEAREST),
        v2.Pad((3, 4, 5, 6)),
        v2.RandomCrop((36, 56)),
        v2.CenterCrop((38, 50)),
        v2.RandomZoomOut(p=1.0),
        v2.RandomRotation((90, 90), expand=True),
        v2.RandomAffine(0, translate=(0.1, 0.1)),
    ],
)
def test_boxes_and_masks_go_where_the_image_goes(transform):
    torch.manual_seed(1)
    result = transform(sample())
    image, boxes, masks = result["image"], result["target"]["boxes"], result["target"]["masks"]
    assert [type(x) for x in (image, boxes, masks)] == [tv_tensors.Image, tv_tensors.BoundingBoxes, tv_tensors.Mask]
    assert torch.equal(image[:1] > 0, masks.as_subclass(torch.Tensor))
    rows, columns = torch.where(masks[0])
    found = [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1]
    assert boxes[0].tolist() == found
    assert boxes.canvas_size == tuple(image.shape[-2:])
    assert result["target"]["labels"].tolist() == [3]


def test_colours_leave_boxes_and_masks():
    before, after = sample(), v2.RandomInvert(1.0)(sample())
    assert torch.equal(after["image"], 255 - before["image"])
    assert torch.equal(after["target"]["masks"], before["target"]["masks"])
    assert torch.equal(after["target"]["boxes"], before["target"]["boxes"])


def test_only_the_first_plain_tensor_is_an_image():
    image, other = v2.RandomHorizontalFlip(1.0)(PIXELS, PIXELS)
    assert torch.equal(image, PIXELS.flip(-1)) and other is PIXELS


def test_to_dtype_scales_images_on_request():
    pipeline = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    result = pipeline(picture())
    assert type(result) is tv_tensors.Image
    assert torch.allclose(result.as_subclass(torch.Tensor), PIXELS / 255)


def test_a_transform_of_ones_own():
    class Shift(v2.Transform):
        def make_params(self, flat_inputs):
            return {"by": len(flat_inputs)}

        def transform(self, inpt, params):
            return inpt + params["by"]

    assert Shift()((torch.zeros(1, 2, 2), "label"))[0].sum().item() == 4


@pytest.mark.parametrize("mix", [v2.MixUp, v2.CutMix])
def test_mixed_labels_are_shares_of_the_pixels(mix):
    torch.manual_seed(0)
    images = torch.arange(4.0)[:, None, None, None].expand(4, 1, 16, 16)
    mixed, labels = mix(num_classes=4)(images, torch.arange(4))
    assert torch.allclose(mixed.mean((1, 2, 3)), labels @ torch.arange(4.0), atol=1e-5)
