"""A small film that needs no model: a disc goes round over a smooth field, two iterations of three phases."""

import numpy as np

from viz.frames import Cue, Film
from viz.style import LIGHT

PHASES = {"Fit": 3, "Choose": 2, "Update": 4}


class SmallFilm(Film):
    def __init__(self, *, theme=LIGHT, size=(120, 80), iterations=2, title="f <on> [0, 1]", scale=1):
        self.theme, self.title, self.iterations, self.scale = theme, title, iterations, scale
        self.size = size[0] * scale, size[1] * scale
        self.alt_text = "A disc goes round [twice] & ends at the top."
        self.drawn = []

    def cues(self, pace):
        phases = {name: count if pace == "lesson" else 1 for name, count in PHASES.items()}
        return [
            Cue(step, phase, tween, of, 400 if key else 50, self.words(step, phase), key)
            for step in range(1, self.iterations + 1)
            for phase, of in phases.items()
            if pace != "steps" or phase == "Choose"
            for tween in range(of)
            for key in [tween == of - 1]
        ]

    def words(self, step, phase):
        return (f"{phase} number {step}.", f"The disc is <b>bold</b> & at {step}.")

    def draw(self, cue):
        self.drawn.append(cue)
        width, height = self.size
        y, x = np.mgrid[:height, :width].astype(float)
        image = np.stack([x / width * 200, y / height * 200, 0 * x + 90], axis=-1).astype(np.uint8)
        turn = 2 * np.pi * (list(PHASES).index(cue.phase) + cue.gain) / 3 + cue.step
        middle = (0.5 + 0.3 * np.cos(turn)) * width, (0.5 + 0.3 * np.sin(turn)) * height
        image[np.hypot(x - middle[0], y - middle[1]) < height / 8] = colour(self.theme.new)
        image[: height // 20] = colour(self.theme.bg)
        return image


def colour(text):
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]
