"""Pictures of a recorded search."""

from .animate import animate as animate
from .animate import plot_step as plot_step
from .animation import Animation as Animation
from .exploration import animate_exploration as animate_exploration
from .frames import Frame as Frame
from .lengthscale import animate_lengthscale as animate_lengthscale
from .race import animate_race as animate_race
from .samples import animate_samples as animate_samples
