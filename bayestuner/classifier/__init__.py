"""The application: tune a network that tells from a table of customers which product each will buy."""

from .customers import load_customers as load_customers
from .customers import lowest_log_loss as lowest_log_loss
from .customers import true_probabilities as true_probabilities
from .model import CustomerModel as CustomerModel
from .model import fit as fit
from .model import load as load
from .objective import DEFAULT_PARAMS as DEFAULT_PARAMS
from .objective import Evaluation as Evaluation
from .objective import Objective as Objective
from .objective import default_space as default_space
from .report import Score as Score
from .report import baselines as baselines
from .report import score_model as score_model
from .table import Table as Table
from .table import as_table as as_table
from .table import read_table as read_table
from .training import TrainingError as TrainingError
from .tunable import TunableClassifier as TunableClassifier
