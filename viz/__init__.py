"""Pictures of a recorded search."""

from .animate import animate as animate
from .animate import plot_step as plot_step
from .animation import Animation as Animation
from .contest import animate_convergence as animate_convergence
from .exploration import animate_exploration as animate_exploration
from .figures_compare import plot_convergence as plot_convergence
from .figures_compare import plot_regret as plot_regret
from .figures_effects import plot_importance as plot_importance
from .figures_effects import plot_partial_dependence as plot_partial_dependence
from .figures_honesty import plot_gap as plot_gap
from .figures_honesty import plot_residuals as plot_residuals
from .figures_kernel import plot_kernel as plot_kernel
from .figures_kernel import plot_lengthscale as plot_lengthscale
from .figures_model import plot_acquisition as plot_acquisition
from .figures_model import plot_surrogate as plot_surrogate
from .figures_parallel import plot_parallel as plot_parallel
from .figures_run import plot_calibration as plot_calibration
from .figures_run import plot_timeline as plot_timeline
from .figures_slices import plot_slices as plot_slices
from .frames import Frame as Frame
from .lengthscale import animate_lengthscale as animate_lengthscale
from .page import Page as Page
from .race import animate_race as animate_race
from .report import report as report
from .samples import animate_samples as animate_samples
from .strip import plot_strip as plot_strip
