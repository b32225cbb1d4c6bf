"""The small pictures in the README: the centre picture of each tutorial, from the site that `make docs` has built."""

from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
BUILT, KEPT = HERE / "tutorials" / "images" / "thumb", HERE / "_static" / "thumbs"
LARGEST = 30_000  # bytes


def main() -> None:
    pictures = sorted(BUILT.glob("sphx_glr_[0-9][0-9]_*_thumb.png"))
    if not pictures:
        raise SystemExit(f"there are no pictures in {BUILT}; build the site first: make docs")
    KEPT.mkdir(exist_ok=True)
    for picture in pictures:
        number = picture.name.split("_")[2]
        save(Image.open(picture), KEPT / f"{number}.png")


def save(picture: Image.Image, path: Path) -> None:
    """With a palette of as many colours as the file may hold, the rare ones among them: a star is small."""
    for colours in (128, 64, 32, 16):
        small = picture.convert("RGB").quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return
    raise SystemExit(f"{path} has {path.stat().st_size} bytes, more than {LARGEST}")


if __name__ == "__main__":
    main()
