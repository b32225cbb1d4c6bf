"""How much better is Bayesian search? The same problem, splits and budgets by several methods over several seeds."""

from .plan import Plan as Plan
from .work import carry_out as carry_out
