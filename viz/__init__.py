"""Pictures of a recorded search."""

from .animate import animate as animate
from .animate import plot_step as plot_step
from .animation import Animation as Animation
from .frames import Frame as Frame
